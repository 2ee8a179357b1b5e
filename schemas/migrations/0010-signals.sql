-- When a signal entered the log, and the store; whether it has waited in vain for its run.
ALTER TABLE neosigma_signals ADD COLUMN IF NOT EXISTS ReceivedAt DateTime64(3) DEFAULT At;
ALTER TABLE neosigma_signals ADD COLUMN IF NOT EXISTS StoredAt DateTime64(3) DEFAULT now64(3);
ALTER TABLE neosigma_signals ADD COLUMN IF NOT EXISTS Expired UInt8 DEFAULT 0;

-- What each user has said and when it arrived first: the limit per user and window is counted here. What a user says in
-- the telemetry itself is entered when its run is assembled.
CREATE TABLE IF NOT EXISTS neosigma_user_signals (
  UserId String CODEC(ZSTD(1)),
  Signal String COMMENT 'trace, session and id' CODEC(ZSTD(1)),
  TraceId SimpleAggregateFunction(any, String) CODEC(ZSTD(1)),
  SessionId SimpleAggregateFunction(any, String) CODEC(ZSTD(1)),
  At SimpleAggregateFunction(min, DateTime64(3)) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree
ORDER BY (UserId, Signal)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS neosigma_user_signals_mv TO neosigma_user_signals AS
SELECT assumeNotNull(UserId) AS UserId, concat(TraceId, '/', SessionId, '/', Id) AS Signal, TraceId, SessionId,
  ReceivedAt AS At
FROM neosigma_signals WHERE UserId IS NOT NULL AND Type IN ('explicit', 'implicit', '') AND Expired = 0;

-- What scorers said of runs that people or downstream results have labelled; the newest revision of a run counts. All that
-- is believed of a scorer is counted from here.
CREATE TABLE IF NOT EXISTS neosigma_agreements (
  Name String,
  Source String,
  ScorerVersion Nullable(String),
  Detector UInt8 COMMENT '1 is built in',
  Type LowCardinality(String),
  TraceId String CODEC(ZSTD(1)),
  Value Float64 COMMENT 'what the scorer said, in [0, 1], not calibrated',
  Failed UInt8 COMMENT 'the label of the run',
  At DateTime64(3) COMMENT 'end of the run' CODEC(Delta, ZSTD(1)),
  Version DateTime64(6) COMMENT 'activity of its trace that the run has seen' CODEC(Delta, ZSTD(1))
) ENGINE = ReplacingMergeTree(Version)
ORDER BY (Name, Source, ifNull(ScorerVersion, ''), Detector, TraceId)
SETTINGS non_replicated_deduplication_window = 10000;

-- The ledger of the judge: entered before a call with what it may cost at most, and again with what it did cost. The same
-- content is asked once.
CREATE TABLE IF NOT EXISTS neosigma_judgements (
  Judge String COMMENT 'version: model, rubric and question',
  Content String COMMENT 'digest of what is judged' CODEC(ZSTD(1)),
  TraceId String CODEC(ZSTD(1)),
  Day Date,
  Outcome LowCardinality(String) COMMENT 'asked, judged, unusable or unavailable',
  Grade Nullable(UInt8),
  Reason LowCardinality(String),
  Calls UInt32,
  CostUsd Float64 COMMENT 'at most, until it is known',
  Version UInt64
) ENGINE = ReplacingMergeTree(Version)
ORDER BY (Judge, Content)
SETTINGS non_replicated_deduplication_window = 10000;
