WITH told AS (
  SELECT
    e.number AS number,
    e.subject AS subject,
    e.name AS name,
    e.at AS at,
    TRY_CAST(REPLACE(e.value, ',', '') AS DECIMAL(18, 2)) AS amount,
    ROW_NUMBER() OVER (PARTITION BY e.number, e.name ORDER BY e.at DESC) AS turn
  FROM platform.evidence AS e
  WHERE e.flow = 'projects.project' AND e.name IN ('核定基线（元）', '决算金额（元）')
), cases AS (
  SELECT
    t.number AS number,
    MAX(t.subject) AS subject,
    MAX(CASE WHEN t.name = '核定基线（元）' THEN t.amount END) AS baseline,
    MAX(CASE WHEN t.name = '决算金额（元）' THEN t.amount END) AS actual,
    MAX(CASE WHEN t.name = '决算金额（元）' THEN YEAR(t.at) END) AS year
  FROM told AS t
  WHERE t.turn = 1
  GROUP BY t.number
)
SELECT
  c.number AS id,
  c.subject AS project,
  k.organ AS organ,
  CAST(c.year AS BIGINT) AS year,
  c.baseline AS baseline,
  c.actual AS actual,
  '项目办件核定' AS rule,
  '办件' AS source
FROM cases AS c
JOIN platform.cases AS k
  ON k.number = c.number
WHERE c.baseline > 0 AND c.actual IS NOT NULL
UNION ALL
SELECT
  m.id AS id,
  m.project AS project,
  m.organ AS organ,
  CAST(m.year AS BIGINT) AS year,
  CAST(m.baseline AS DECIMAL(18, 2)) AS baseline,
  CAST(m.actual AS DECIMAL(18, 2)) AS actual,
  m.rule AS rule,
  '名录' AS source
FROM targets.project_costs AS m
