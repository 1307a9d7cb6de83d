SELECT
  g.id AS id,
  g.name AS name,
  g.river AS river,
  g.division AS township,
  g.lon AS lon,
  g.lat AS lat,
  g.warning_level AS warning_level,
  g.guarantee_level AS guarantee_level
FROM water_level.gauges AS g
