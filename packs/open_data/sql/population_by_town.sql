SELECT
  r.township AS township,
  COUNT(*) AS people,
  SUM(CASE WHEN r.sex = '1' THEN 1 ELSE 0 END) AS men,
  SUM(CASE WHEN r.sex = '2' THEN 1 ELSE 0 END) AS women,
  SUM(CASE WHEN r.birth_on < DATE '1947-01-01' THEN 1 ELSE 0 END) AS born_before_1947,
  SUM(CASE WHEN r.birth_on >= DATE '1947-01-01' AND r.birth_on < DATE '1967-01-01' THEN 1 ELSE 0 END) AS born_1947_to_1966,
  SUM(CASE WHEN r.birth_on >= DATE '1967-01-01' AND r.birth_on < DATE '2008-01-01' THEN 1 ELSE 0 END) AS born_1967_to_2007,
  SUM(CASE WHEN r.birth_on >= DATE '2008-01-01' THEN 1 ELSE 0 END) AS born_from_2008
FROM base.resident AS r
WHERE r.is_alive AND r.township IS NOT NULL
GROUP BY r.township
HAVING COUNT(*) >= 3
