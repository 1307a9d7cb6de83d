SELECT
  d.id AS id,
  d.name AS name,
  d.river AS river,
  d.division AS division,
  d.lon AS lon,
  d.lat AS lat,
  d.warning_level AS warning_level,
  d.guarantee_level AS guarantee_level,
  d.drought_level AS drought_level
FROM flood_drought.stations AS d
