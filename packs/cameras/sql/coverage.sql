SELECT
  t.division AS division,
  SUM(t.cameras) AS cameras,
  SUM(t.online) AS online,
  SUM(t.shared) AS shared,
  SUM(t.proposed) AS proposed
FROM (
  SELECT
    c.division AS division,
    1 AS cameras,
    CASE WHEN c.state = '在线' THEN 1 ELSE 0 END AS online,
    CASE WHEN c.is_shared THEN 1 ELSE 0 END AS shared,
    0 AS proposed
  FROM cameras.cameras AS c
  UNION ALL
  SELECT
    p.division AS division,
    0 AS cameras,
    0 AS online,
    0 AS shared,
    1 AS proposed
  FROM cameras.proposals AS p
) AS t
GROUP BY t.division
