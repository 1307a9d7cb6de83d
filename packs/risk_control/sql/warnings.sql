SELECT
  w.division AS division,
  w.level AS level,
  w.title AS title,
  w.points AS points,
  w.channels AS channels,
  w.signals AS signals,
  w.lon AS lon,
  w.lat AS lat,
  w.last_at AS last_at
FROM (
  SELECT
    near.division AS division,
    near.level AS level,
    near.title AS title,
    near.points AS points,
    near.channels AS channels,
    near.signals AS signals,
    near.lon AS lon,
    near.lat AS lat,
    near.last_at AS last_at,
    ROW_NUMBER() OVER (
      PARTITION BY near.division
      ORDER BY near.level, near.points DESC, near.last_at DESC, near.id
    ) AS turn
  FROM (
    SELECT
      a.id AS id,
      a.town AS division,
      l.level AS level,
      l.title AS title,
      SUM(b.points) AS points,
      COUNT(DISTINCT b.channel) AS channels,
      COUNT(*) AS signals,
      COALESCE(MIN(a.lon), MIN(b.lon)) AS lon,
      COALESCE(MIN(a.lat), MIN(b.lat)) AS lat,
      MAX(b.at) AS last_at
    FROM risk_control.counted AS a
    JOIN risk_control.levels AS l
      ON a.days_ago < l.days
    JOIN risk_control.counted AS b
      ON b.at <= a.at AND DATE_DIFF('day', b.at, a.at) < l.days
    WHERE CASE
      WHEN a.lon IS NULL OR b.lon IS NULL THEN a.town = b.town
      ELSE ABS(a.lat - b.lat) * 111000 <= l.metres AND ABS(a.lon - b.lon) * 93000 <= l.metres
    END
    GROUP BY a.id, a.town, l.level, l.title, l.points, l.channels
    HAVING SUM(b.points) >= l.points AND COUNT(DISTINCT b.channel) >= l.channels
  ) AS near
) AS w
WHERE w.turn = 1
