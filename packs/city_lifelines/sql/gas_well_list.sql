SELECT
  d.id AS id,
  d.name AS name,
  d.owner AS owner,
  d.risk AS risk,
  d.division AS division,
  d.lon AS lon,
  d.lat AS lat
FROM city_lifelines.gas_wells AS d
