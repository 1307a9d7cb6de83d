SELECT
  t.id AS id,
  s.name AS slope,
  t.place AS place,
  t.households AS households,
  t.people AS people,
  t.frail AS frail,
  h.name AS shelter,
  t.leader AS leader,
  CASE WHEN a.slope IS NOT NULL THEN '正在报警' ELSE '备用' END AS state,
  t.division AS division,
  s.lon AS lon,
  s.lat AS lat
FROM natural_disaster.transfers AS t
JOIN natural_disaster.slopes AS s
  ON s.id = t.slope
LEFT JOIN natural_disaster.shelters AS h
  ON h.id = t.shelter
LEFT JOIN (
  SELECT DISTINCT p.slope AS slope
  FROM natural_disaster.points AS p
  JOIN platform.alerts AS w
    ON w.device = p.id
  WHERE w.cleared_at IS NULL
    AND w.rule IN ('natural_disaster.heavy_rain', 'natural_disaster.moving', 'natural_disaster.rain_and_moving')
) AS a
  ON a.slope = t.slope
