SELECT
  r.township AS township,
  COUNT(*) AS visits
FROM base.outpatient AS o
JOIN base.resident AS r
  ON r.id_number = o.id_number
WHERE r.township IS NOT NULL
GROUP BY r.township
HAVING COUNT(*) >= 10
