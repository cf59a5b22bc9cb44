/** A function that remembers its last answer: asked again with the same values it gives the same object. */
export function memo(work) {
  let last = null;
  return (...values) => {
    if (last === null || values.length !== last.values.length || values.some((value, index) => !Object.is(value, last.values[index]))) {
      last = { values, answer: work(...values) };
    }
    return last.answer;
  };
}
