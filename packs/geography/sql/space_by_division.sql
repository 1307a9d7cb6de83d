SELECT
  t.division AS division,
  SUM(t.addresses) AS addresses,
  SUM(t.roads) AS roads,
  SUM(t.metres) AS metres,
  SUM(t.buildings) AS buildings,
  SUM(t.parcels) AS parcels
FROM (
  SELECT a.division AS division, 1 AS addresses, 0 AS roads, 0 AS metres, 0 AS buildings, 0 AS parcels
  FROM geography.addresses AS a
  UNION ALL
  SELECT r.division AS division, 0 AS addresses, 1 AS roads, r.metres AS metres, 0 AS buildings, 0 AS parcels
  FROM geography.roads AS r
  UNION ALL
  SELECT b.division AS division, 0 AS addresses, 0 AS roads, 0 AS metres, 1 AS buildings, 0 AS parcels
  FROM geography.buildings AS b
  UNION ALL
  SELECT p.division AS division, 0 AS addresses, 0 AS roads, 0 AS metres, 0 AS buildings, 1 AS parcels
  FROM geography.parcels AS p
) AS t
GROUP BY t.division
