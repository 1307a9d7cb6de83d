SELECT
  d.id AS id,
  d.name AS name,
  d.kind AS kind,
  d.unit AS unit,
  CASE
    WHEN a.device IS NOT NULL THEN '异常'
    WHEN r.at IS NULL THEN '无读数'
    ELSE '正常'
  END AS state,
  r.at AS read_at,
  d.division AS division,
  d.lon AS lon,
  d.lat AS lat
FROM (
  SELECT id, name, kind, unit, division, lon, lat
  FROM fire_safety.points
  UNION ALL
  SELECT id, name, '报警主机' AS kind, unit, division, lon, lat
  FROM fire_safety.hosts
) AS d
LEFT JOIN (
  SELECT device, MAX(at) AS at
  FROM platform.latest
  WHERE stream IN ('fire_safety.pressure', 'fire_safety.alarm')
  GROUP BY device
) AS r
  ON r.device = d.id
LEFT JOIN (
  SELECT DISTINCT device
  FROM platform.alerts
  WHERE rule LIKE 'fire_safety.%' AND cleared_at IS NULL
) AS a
  ON a.device = d.id
