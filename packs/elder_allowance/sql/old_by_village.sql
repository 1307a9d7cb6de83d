SELECT
  division AS division,
  COUNT(*) AS people,
  SUM(CASE WHEN birth_on < DATE '1930-01-01' THEN 1 ELSE 0 END) AS before_1930,
  SUM(CASE WHEN birth_on >= DATE '1930-01-01' AND birth_on < DATE '1940-01-01' THEN 1 ELSE 0 END) AS from_1930_to_1939,
  SUM(CASE WHEN birth_on >= DATE '1940-01-01' THEN 1 ELSE 0 END) AS from_1940_to_1949
FROM base.resident
WHERE is_alive AND birth_on < DATE '1950-01-01'
GROUP BY division
HAVING COUNT(*) >= 3
