SELECT
  d.id AS id,
  d.name AS name,
  d.facing AS facing,
  d.owner_organ AS owner_organ,
  d.is_shared AS is_shared,
  d.state AS state,
  d.labels AS labels,
  d.division AS division,
  d.lon AS lon,
  d.lat AS lat
FROM cameras.cameras AS d
