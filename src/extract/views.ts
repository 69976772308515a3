/** SQL for DuckDB: views over the files of a store. */
import type { StoreState } from "./store-state.ts";

/** A view that reads the records of one struct. */
export interface RecordView {
  /** Name of the view: that of the struct, unless another view has it. */
  readonly name: string;
  readonly struct: string;
  /** Extractions that have such records. */
  readonly extractions: number;
}

/** Views that every store has. */
const OWN_VIEWS: readonly string[] = ["store_index", "extractions", "decodes", "logs"];

/** The structs of a store, by name. */
export function recordViews(state: StoreState): readonly RecordView[] {
  const counts = new Map<string, number>();
  for (const { line, file } of state.decodes.values()) {
    if (file !== "") counts.set(line.struct, (counts.get(line.struct) ?? 0) + 1);
  }
  return [...counts]
    .map(([struct, extractions]) => {
      return { name: OWN_VIEWS.includes(struct) ? `${struct}_records` : struct, struct, extractions };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Statements that create the views. `folder`: the store, as DuckDB finds it. The views are read when they are queried: new
 * extractions are in them without a new statement, unless their struct is new.
 */
export function viewsSql(folder: string, views: readonly RecordView[]): string {
  const root = folder.replaceAll("\\", "/").replace(/\/+$/, "");
  return [indexView(root), ...views.map((view) => recordView(root, view))].join("\n");
}

function indexView(root: string): string {
  return `-- The index of the store, a line each.
create or replace view store_index as
select * from read_json(${text(`${root}/index.jsonl`)}, format = 'newline_delimited', ignore_errors = true,
  maximum_object_size = 16777216, columns = {
    seq: 'BIGINT', type: 'VARCHAR', id: 'VARCHAR', time: 'VARCHAR', serial: 'VARCHAR', product: 'VARCHAR',
    chip: 'STRUCT(vendor VARCHAR, name VARCHAR, jedecId VARCHAR, uniqueId VARCHAR)',
    dumps: 'STRUCT(address BIGINT, lengthBytes BIGINT, sha256 VARCHAR)[]',
    extraction: 'VARCHAR', struct: 'VARCHAR', file: 'VARCHAR', extractions: 'VARCHAR[]',
    logs: 'STRUCT(address BIGINT, lengthBytes BIGINT, layout VARCHAR, records BIGINT, unconfirmed BIGINT, damaged BIGINT, short BIGINT, firstTime VARCHAR, lastTime VARCHAR, orderDoubt VARCHAR)[]'
  });

-- Every unit that was read, each time that it was.
create or replace view extractions as
select id as extraction, time::timestamptz as extracted_at, serial, product, chip.name as chip, chip.uniqueId as chip_id,
  dumps, row_number() over (partition by product, serial order by seq desc) = 1 as is_latest
from store_index where type = 'extraction';

-- The newest decode of each extraction by each struct, and the file with its records.
create or replace view decodes as
with decoded as (
  select extraction, struct, max_by(logs, seq) as logs, max(seq) as decoded_seq
  from store_index where type = 'decode' group by extraction, struct
), placed as (
  select extraction, struct, seq, file from store_index where type = 'decode'
  union all
  select unnest(extractions) as extraction, struct, seq, file from store_index where type = 'compact'
)
select extraction, struct, any_value(logs) as logs, max_by(file, placed.seq) as file
from decoded join placed using (extraction, struct) group by extraction, struct;

-- A row for each log.
create or replace view logs as
select d.extraction, e.serial, e.product, e.extracted_at, e.is_latest, d.struct, unnest(d.logs, max_depth := 2)
from decodes d join extractions e using (extraction);
`;
}

function recordView(root: string, { name, struct }: RecordView): string {
  const quoted = `"${name.replaceAll('"', '""')}"`;
  // Characters of a path that have a meaning in a pattern.
  const pattern = root.replace(/[*?[]/g, (one) => `[${one}]`);
  const files = text(`${pattern}/records/struct=${struct}@*/*/*/*.parquet`);
  return `-- Records of the struct ${struct}: only the current ones, if it was decoded more than once.
create or replace view ${quoted} as
select r.* exclude (filename, struct, year, month), e.is_latest
from read_parquet(${files}, hive_partitioning = true, union_by_name = true, filename = true) r
join decodes d on d.extraction = r.extraction and d.struct = ${text(struct)}
  and parse_filename(d.file) = parse_filename(r.filename) and contains(replace(r.filename, '\\', '/'), d.file)
join extractions e on e.extraction = r.extraction;
`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
