WITH weather AS (
  SELECT
    w.day AS day,
    CAST(AVG(w.high) AS DECIMAL(18, 2)) AS high,
    CAST(AVG(w.rain) AS DECIMAL(18, 2)) AS rain
  FROM frequent_data.weather_day AS w
  GROUP BY w.day
)
SELECT
  s.spot AS spot,
  s.name AS name,
  s.day AS day,
  s.visitors AS visitors,
  s.capacity AS capacity,
  s.visitors > s.capacity AS is_over,
  w.high AS high,
  w.rain AS rain
FROM frequent_data.scenic_day AS s
LEFT JOIN weather AS w
  ON w.day = s.day
