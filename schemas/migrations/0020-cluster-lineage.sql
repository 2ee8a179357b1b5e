-- What became of the identities of clusters, as `neosigma.cluster-events.v1` says it: emerged, split, merged, vanished,
-- reopened, survived beside others.
CREATE TABLE IF NOT EXISTS neosigma_cluster_events (
  Agent LowCardinality(String),
  ClusterId String,
  Kind LowCardinality(String),
  RelatedIds Array(String),
  Failures UInt64,
  At DateTime64(3)
) ENGINE = ReplacingMergeTree
ORDER BY (Agent, At, ClusterId, Kind)
SETTINGS non_replicated_deduplication_window = 10000;
