-- The results of sweeps/first.yaml in DuckDB. From the repository's root:
--
--   duckdb < examples/query.sql

-- How each configuration did, and how long it took.
SELECT
    t.learning_rate_hidden,
    count(*) AS n,
    avg(t.test_mae) AS mean_test_mae,
    stddev_samp(t.test_mae) AS sd_test_mae,
    sum(w.wall_seconds) AS seconds
FROM 'results/first/trials.parquet' t
JOIN 'results/first/timings.parquet' w USING (trial_id)
WHERE t.status = 'ok'
GROUP BY ALL
ORDER BY mean_test_mae;

-- The gain from learning in the hidden layer, seed by seed: all configurations run on the same seeds.
WITH pairs AS (
    SELECT
        seed,
        max(test_mae) FILTER (learning_rate_hidden = 1) - max(test_mae) FILTER (learning_rate_hidden = 0) AS difference
    FROM 'results/first/trials.parquet'
    WHERE status = 'ok'
    GROUP BY seed
)
SELECT
    count(difference) AS n,
    avg(difference) AS mean_difference,
    stddev_samp(difference) / sqrt(count(difference)) AS standard_error,
    count(*) FILTER (difference < 0) AS replicates_that_gain
FROM pairs;

-- The learning curve of the output layer, which is the last one, in ten steps.
WITH output AS (
    SELECT c.*, t.learning_rate_hidden, ntile(10) OVER (PARTITION BY trial_id ORDER BY step) AS part
    FROM 'results/first/curves.parquet' c
    JOIN 'results/first/trials.parquet' t USING (trial_id)
    WHERE c.layer = (SELECT max(layer) FROM 'results/first/curves.parquet')
)
SELECT part, learning_rate_hidden, max(step) AS last_step, avg(loss) AS mean_loss, quantile_cont(loss, [0.25, 0.75]) AS quartiles
FROM output
GROUP BY part, learning_rate_hidden
ORDER BY part, learning_rate_hidden;

-- Trials that are not ok, by reason without its numbers. None in this sweep: one row with a count of 0.
SELECT status, regexp_replace(error, '[0-9]+', '…', 'g') AS reason, count(trial_id) AS n
FROM (SELECT 'diverged' AS status UNION ALL SELECT 'failed') AS states
LEFT JOIN 'results/first/trials.parquet' USING (status)
GROUP BY ALL
ORDER BY ALL;

-- What the tables say of themselves: unit and meaning of each column are in the Arrow schema, a plan of up to 64 KiB is a key.
SELECT decode(value)::JSON ->> '$.objective.measure' AS objective
FROM parquet_kv_metadata('results/first/trials.parquet')
WHERE decode(key) = 'burstnet.plan';
