SELECT
  d.id AS id,
  d.name AS name,
  d.made_year AS made_year,
  d.user AS user,
  d.maintainer AS maintainer,
  d.due_on AS due_on,
  d.division AS division,
  d.lon AS lon,
  d.lat AS lat
FROM old_lifts.lifts AS d
