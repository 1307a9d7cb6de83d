SELECT
  station,
  name,
  day,
  high,
  low,
  rain
FROM frequent_data.weather_day
