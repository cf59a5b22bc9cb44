"""Search: the words of every named object, and the one function that finds them.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

from spatial.protection import protect

revision = "0008"
down_revision = "0007"

SEARCH_ENTRY = """
CREATE TABLE search_entry (
    kind text NOT NULL,
    object_id bigint NOT NULL,
    label text NOT NULL,
    also text,
    sought text COLLATE "C" NOT NULL,
    pinyin text COLLATE "C" NOT NULL,
    grams text[] COLLATE "C" DEFAULT '{}' NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT search_entry_pkey PRIMARY KEY (kind, object_id),
    CONSTRAINT search_entry_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code)
);
CREATE INDEX search_entry_grams_idx ON search_entry USING gin (grams);
CREATE INDEX search_entry_sought_idx ON search_entry (sought);
CREATE INDEX search_entry_pinyin_idx ON search_entry (pinyin);
CREATE INDEX search_entry_grid_code_idx ON search_entry (grid_code)
"""

# Tables whose objects are searched: which of their rows, and whether they have a code.
SEARCHED = {
    "area": ("true", True),
    "grid": ("valid_to IS NULL", True),
    "building": ("true", True),
    "organisation": ("true", True),
    "facility": ("true", True),
    "device": ("true", True),
    "place": ("true", False),
    "keeper": ("true", True),
}

# Objects that go take their entry along.
FORGET = """
CREATE FUNCTION shapan_search_forget() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM public.search_entry USING old_rows WHERE kind = TG_TABLE_NAME AND object_id = old_rows.id;
    RETURN NULL;
END
$$
"""

# An entry is seen where its object is: left behind, it would show to those who may not see it.
MOVE = """
CREATE FUNCTION shapan_search_move() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.search_entry SET area_code = NEW.area_code, grid_code = NEW.grid_code
    WHERE kind = TG_TABLE_NAME AND object_id = NEW.id;
    RETURN NULL;
END
$$
"""

# For each row, because the condition is then asked as the row is written and an update that moves
# nothing queues nothing. A transition table would keep every row of every update.
TRIGGERS = """
CREATE TRIGGER {table}_search_forget AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION shapan_search_forget();
CREATE TRIGGER {table}_search_move AFTER UPDATE ON {table}
    FOR EACH ROW WHEN (OLD.grid_code IS DISTINCT FROM NEW.grid_code OR OLD.area_code IS DISTINCT FROM NEW.area_code)
    EXECUTE FUNCTION shapan_search_move()
"""

# SQL that is true where a grid code lies in a jurisdiction, written with the bounds of its ranges. A
# btree on the code serves it and the planner knows how many rows it leaves; of `<@` it knows neither.
WITHIN = """
CREATE FUNCTION shapan_within(scope code_multirange) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce('(' || string_agg(concat_ws(' AND ',
        CASE WHEN NOT lower_inf(part) THEN
            format('grid_code %s %L', CASE WHEN lower_inc(part) THEN '>=' ELSE '>' END, lower(part)) END,
        CASE WHEN NOT upper_inf(part) THEN
            format('grid_code %s %L', CASE WHEN upper_inc(part) THEN '<=' ELSE '<' END, upper(part)) END,
        CASE WHEN lower_inf(part) AND upper_inf(part) THEN 'true' END), ' OR ') || ')', 'false')
    FROM unnest(scope) AS part
$$
"""

# Objects within a jurisdiction that a question finds, the best first. Rank: 1 the code itself, 2 a code
# or label that begins so, 3 all grams, 4 pinyin in full or its initials. A later rank is looked for
# only while there are fewer than `most`; each looks at no more than `pool` rows of its own, so that a
# question that fits half the city is answered as fast as another.
#
# The jurisdiction is given explicitly, and only narrows that of the session: who may set neither
# gains nothing by naming the other. It runs as the owner, because array operators are not leakproof
# and row security would keep them from the index.
SEARCH = """
CREATE FUNCTION shapan_search(
    scope code_multirange, code_wanted text, begins text, all_grams text[], all_initials text[],
    kinds text[], most int
) RETURNS TABLE (kind text, object_id bigint, label text, also text, area_code text, grid_code text, rank int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held code_multirange := scope * public.shapan_scope();
    within text;
    pool CONSTANT int := 200;
    -- Behind every text that begins so, in collation C.
    last CONSTANT text := chr(1114111);
    steps text[];
    step text;
    place int := 0;
    seen_kinds text[] := '{}';
    seen_ids bigint[] := '{}';
    found record;
BEGIN
    IF held IS NULL OR isempty(held) OR most IS NULL OR most < 1 THEN
        RETURN;
    END IF;
    within := public.shapan_within(held);
    steps := ARRAY[
        (SELECT string_agg(format(
            '(SELECT %L AS kind, id AS object_id, area_code, grid_code, 1 AS rank, code AS sought FROM public.%I '
            'WHERE code = ANY (ARRAY[$1, upper($1)]) AND %s AND %s LIMIT $6)', one.kind, one.kind, one.only_if, within),
            ' UNION ALL ') FROM (VALUES {coded}) AS one (kind, only_if) WHERE one.kind = ANY (kinds) AND $2 <> ''),
        (SELECT string_agg(format(
            '(SELECT %L AS kind, id AS object_id, area_code, grid_code, 2 AS rank, code AS sought FROM public.%I '
            'WHERE (code >= $1 AND code < $1 || $7 OR code >= upper($1) AND code < upper($1) || $7) '
            'AND %s AND %s ORDER BY code LIMIT $6)', one.kind, one.kind, one.only_if, within),
            ' UNION ALL ') FROM (VALUES {coded}) AS one (kind, only_if) WHERE one.kind = ANY (kinds) AND $2 <> ''),
        CASE WHEN begins <> '' THEN
            'SELECT kind, object_id, area_code, grid_code, 2 AS rank, sought FROM public.search_entry '
            'WHERE sought >= $2 AND sought < $2 || $7 AND kind = ANY ($5) AND ' || within
            || ' ORDER BY sought LIMIT $6' END,
        CASE WHEN cardinality(all_grams) > 0 THEN
            'SELECT kind, object_id, area_code, grid_code, 3 AS rank, sought FROM public.search_entry '
            'WHERE grams @> $3 AND kind = ANY ($5) AND ' || within || ' LIMIT $6' END,
        CASE WHEN begins ~ '^[a-z0-9]+$' THEN
            'SELECT kind, object_id, area_code, grid_code, 4 AS rank, sought FROM public.search_entry '
            'WHERE pinyin >= $2 AND pinyin < $2 || $7 AND kind = ANY ($5) AND ' || within
            || ' ORDER BY pinyin LIMIT $6' END,
        CASE WHEN cardinality(all_initials) > 0 THEN
            'SELECT kind, object_id, area_code, grid_code, 4 AS rank, sought FROM public.search_entry '
            'WHERE grams @> $4 AND kind = ANY ($5) AND ' || within || ' LIMIT $6' END];
    FOREACH step IN ARRAY steps LOOP
        CONTINUE WHEN step IS NULL;
        FOR found IN EXECUTE
            'SELECT pool.* FROM (' || step || ') AS pool ORDER BY position($2 IN pool.sought) = 0, '
            'length(pool.sought), pool.sought, pool.kind, pool.object_id'
            USING code_wanted, begins, all_grams, all_initials, kinds, pool, last
        LOOP
            CONTINUE WHEN EXISTS (SELECT FROM unnest(seen_kinds, seen_ids) AS seen (k, i)
                                  WHERE seen.k = found.kind AND seen.i = found.object_id);
            seen_kinds := seen_kinds || found.kind;
            seen_ids := seen_ids || found.object_id;
            kind := found.kind; object_id := found.object_id; rank := found.rank;
            area_code := found.area_code; grid_code := found.grid_code;
            SELECT e.label, e.also INTO label, also FROM public.search_entry AS e
            WHERE e.kind = found.kind AND e.object_id = found.object_id;
            -- What has no name has no entry and is found by its code alone.
            label := coalesce(label, found.sought);
            RETURN NEXT;
            place := place + 1;
            EXIT WHEN place >= most;
        END LOOP;
        EXIT WHEN place >= most;
    END LOOP;
END
$$
"""

# New postings wait in a list that every question reads through; after a load they are sorted in at once.
SETTLE = """
CREATE FUNCTION shapan_search_settle() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT gin_clean_pending_list('public.search_entry_grams_idx')
$$
"""


def upgrade() -> None:
    """Create the table, its row security, what keeps it true, and the function that reads it."""
    op.execute(SEARCH_ENTRY)
    protect("search_entry")
    for statement in (FORGET, MOVE, WITHIN, SETTLE):
        op.execute(statement)
    coded = ", ".join(f"('{kind}', '{only_if}')" for kind, (only_if, code) in SEARCHED.items() if code)
    op.execute(SEARCH.replace("{coded}", coded))
    for table in SEARCHED:
        op.execute(TRIGGERS.format(table=table))
    op.execute("REVOKE ALL ON FUNCTION shapan_search(code_multirange, text, text, text[], text[], text[], int), "
               "shapan_search_settle(), shapan_search_forget(), shapan_search_move() FROM PUBLIC")
