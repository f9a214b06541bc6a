export type DialectName = 'duckdb' | 'spark';

/** Where the two engines' SQL differ. */
export interface Dialect {
  name: DialectName;
  /** Whole numbers beyond 64 bits: sums of squares in cents². */
  wide: string;
  /** Type of a text. */
  text: string;
  /**
   * Sums over a frame whose beginning moves are cheap (segment trees); else they are the difference of two that only
   * grow: Spark counts a moving frame anew at every row.
   */
  slides: boolean;
  /** The text, or null where its value is infinite. */
  finite: (text: string) => string;
  /** A double below 2^63. */
  floor: (text: string) => string;
  /** Any double; null from 2^63 on. */
  floorOfAny: (text: string) => string;
  /** Of a double that may be beyond float32: then null. */
  float32: (text: string) => string;
  /** The distance of a RANGE frame. */
  distance: (value: bigint) => string;
}

const INFINITY = "CAST('Infinity' AS DOUBLE)";
const finite = (text: string): string => `nullif(nullif(${text}, ${INFINITY}), -${INFINITY})`;

export const DIALECTS: Record<DialectName, Dialect> = {
  duckdb: {
    name: 'duckdb',
    wide: 'HUGEINT',
    text: 'VARCHAR',
    slides: true,
    finite,
    floor: (text) => `floor(${text})`,
    floorOfAny: (text) => `CAST(nullif(TRY_CAST(floor(${text}) AS BIGINT), -9223372036854775808) AS DOUBLE)`,
    float32: (text) => `TRY_CAST(${text} AS FLOAT)`,
    distance: String,
  },
  // Spark's floor of a double is a BIGINT, cut off at its ends; a double beyond float32 becomes infinite.
  spark: {
    name: 'spark',
    wide: 'DECIMAL(38, 0)',
    text: 'STRING',
    slides: false,
    finite,
    floor: (text) => `CAST(floor(${text}) AS DOUBLE)`,
    floorOfAny: (text) =>
      `CAST(nullif(nullif(floor(${text}), 9223372036854775807L), -9223372036854775807L - 1) AS DOUBLE)`,
    float32: (text) => `nullif(nullif(CAST(${text} AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT))`,
    distance: (value) => `${value}L`,
  },
};
