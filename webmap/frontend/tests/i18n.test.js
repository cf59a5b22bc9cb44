import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import en from '../src/i18n/en.js';
import { fill, named, pick, setLanguage, t, term } from '../src/i18n/index.js';
import zhCN from '../src/i18n/zh-CN.js';

const places = (sentence) => [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test('both languages hold the same sentences with the same places for values', () => {
  assert.deepEqual(Object.keys(en).sort(), Object.keys(zhCN).sort());
  for (const key of Object.keys(zhCN)) assert.deepEqual(places(en[key]), places(zhCN[key]), key);
});

test('no two files hold the same key: the later one would take the place of the other', () => {
  const folder = new URL('../src/i18n/', import.meta.url);
  for (const language of ['zh-CN', 'en']) {
    const keys = readdirSync(folder).filter((name) => name.endsWith(`${language}.js`)).flatMap((name) => (
      [...readFileSync(new URL(name, folder), 'utf8').matchAll(/^ {2}'([^']+)':/gm)].map(([, key]) => key)));
    assert.ok(keys.length > 500);
    assert.deepEqual(keys.filter((key, index) => keys.indexOf(key) !== index), []);
  }
});

test('no sentence is empty, and no English one holds Chinese but the name of the other language', () => {
  for (const [key, sentence] of [...Object.entries(en), ...Object.entries(zhCN)]) assert.ok(sentence.trim(), key);
  const chinese = Object.entries(en).filter(([, sentence]) => /\p{Script=Han}/u.test(sentence)).map(([key]) => key);
  assert.deepEqual(chinese.sort(), ['language.switch', 'language.switch.hint']);
});

test('every sentence that the source asks for by a plain key exists', () => {
  const folder = new URL('../src/', import.meta.url);
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.js'));
  const asked = files.flatMap((name) => (
    [...readFileSync(new URL(name, folder), 'utf8').matchAll(/\bt\('([^'$]+)'/g)].map(([, key]) => [name, key])
  ));
  assert.ok(asked.length > 60);
  assert.deepEqual(asked.filter(([, key]) => !(key in en)), []);
});

test('values are put in as text, whatever they hold', () => {
  assert.equal(fill('{a} and {b}', { a: '{b}', b: '$&<b>' }), '{b} and $&<b>');
  assert.equal(fill('{missing}', {}), '{missing}');
});

test('a code that has no word yet is shown as the code', () => {
  setLanguage('en');
  assert.equal(term('type', 'smoke'), 'Smoke detected');
  assert.equal(term('type', 'drone_lost'), 'drone_lost');
});

test('an unknown language leaves Chinese, and server texts follow the language', () => {
  for (const name of ['fr', 'toString', undefined]) assert.equal(setLanguage(name), 'zh-CN');
  assert.equal(pick({ 'zh-CN': '人', en: 'people' }), '人');
  setLanguage('en');
  assert.equal(pick({ 'zh-CN': '人', en: 'people' }), 'people');
  assert.equal(pick({ 'zh-CN': '人' }), '人');
  assert.equal(pick(null), '');
  assert.equal(t('connection.live'), 'Live');
});

test('a place is called by its English name in English where it has one', () => {
  const [street, village] = [{ name: '望江街道', name_en: 'Wangjiang Subdistrict' }, { name: '柳树村', name_en: null }];
  setLanguage('en');
  assert.deepEqual([street, village, null].map(named), ['Wangjiang Subdistrict', '柳树村', '']);
  setLanguage('zh-CN');
  assert.deepEqual([street, village, null].map(named), ['望江街道', '柳树村', '']);
});
