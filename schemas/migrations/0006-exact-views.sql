-- What views write is known by the token of the insert behind them: a repeated insert completes the views that a failure
-- left out, and repeats none.
ALTER TABLE otel_traces_trace_id_ts MODIFY SETTING non_replicated_deduplication_window = 10000;
ALTER TABLE neosigma_trace_activity MODIFY SETTING non_replicated_deduplication_window = 10000;
ALTER TABLE neosigma_trace_index MODIFY SETTING non_replicated_deduplication_window = 10000;

-- Retention counts from the arrival, here as well.
ALTER TABLE neosigma_signals ADD COLUMN IF NOT EXISTS IngestedAt DateTime MATERIALIZED now() CODEC(Delta, ZSTD(1));
ALTER TABLE neosigma_cluster_members ADD COLUMN IF NOT EXISTS IngestedAt DateTime MATERIALIZED now() CODEC(Delta, ZSTD(1));

-- Parts go as a whole: another retention needs new times of parts, not new parts.
ALTER TABLE otel_traces MODIFY SETTING materialize_ttl_recalculate_only = 1;
ALTER TABLE otel_logs MODIFY SETTING materialize_ttl_recalculate_only = 1;
ALTER TABLE otel_traces_trace_id_ts MODIFY SETTING materialize_ttl_recalculate_only = 1;
ALTER TABLE neosigma_trace_index MODIFY SETTING materialize_ttl_recalculate_only = 1;
