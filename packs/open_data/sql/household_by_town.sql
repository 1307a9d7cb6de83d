SELECT
  v.parent AS township,
  COUNT(*) AS households,
  SUM(h.members) AS members
FROM base.household AS h
JOIN base.divisions AS v
  ON v.code = h.division
GROUP BY v.parent
HAVING COUNT(*) >= 3
