SELECT
  d.id AS id,
  d.name AS name,
  d.division AS division,
  d.lon AS lon,
  d.lat AS lat
FROM environment_monitoring.air_stations AS d
