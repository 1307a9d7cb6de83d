SELECT
  ROW_NUMBER() OVER (ORDER BY s.at, s.number, s.source, s.object, s.lon, s.lat) AS id,
  s.number AS number,
  k.channel AS channel,
  k.points AS points,
  SUBSTRING(s.division, 1, 9) || '000' AS town,
  s.lon AS lon,
  s.lat AS lat,
  s.at AS at,
  DATE_DIFF('day', s.at, (SELECT MAX(x.at) FROM platform.signals AS x)) AS days_ago
FROM platform.signals AS s
JOIN risk_control.signal_kinds AS k
  ON k.kind = s.kind
WHERE DATE_DIFF('day', s.at, (SELECT MAX(x.at) FROM platform.signals AS x))
    < 2 * (SELECT MAX(l.days) FROM risk_control.levels AS l)
  AND (s.lon IS NOT NULL OR SUBSTRING(s.division, 7, 3) <> '000')
