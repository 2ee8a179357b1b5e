-- The runs in the order of their start: neosigma_runs is ordered by trace, so that a page of the newest would read all of
-- it. A revision that begins at another time, or ends otherwise, leaves the row of the one before behind: these are
-- candidates, and neosigma_runs says what each of them is.
CREATE TABLE IF NOT EXISTS neosigma_run_times (
  StartedAt DateTime64(3) CODEC(Delta, ZSTD(1)),
  TraceId String CODEC(ZSTD(1)),
  EndedAt DateTime64(3) CODEC(Delta, ZSTD(1)),
  Agent LowCardinality(String),
  AgentVersion LowCardinality(Nullable(String)),
  TaskType LowCardinality(Nullable(String)),
  Outcome LowCardinality(String),
  AssembledThrough DateTime64(6) CODEC(Delta, ZSTD(1)),
  INDEX idx_ended EndedAt TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree(AssembledThrough)
PARTITION BY toYYYYMM(AssembledThrough)
ORDER BY (StartedAt, TraceId)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS neosigma_run_times_mv TO neosigma_run_times AS
SELECT StartedAt, TraceId, EndedAt, Agent, AgentVersion, TaskType, Outcome, AssembledThrough FROM neosigma_runs;

-- The runs of before the view; what both bring is one row.
INSERT INTO neosigma_run_times (StartedAt, TraceId, EndedAt, Agent, AgentVersion, TaskType, Outcome, AssembledThrough)
SELECT StartedAt, TraceId, EndedAt, Agent, AgentVersion, TaskType, Outcome, AssembledThrough FROM neosigma_runs;
