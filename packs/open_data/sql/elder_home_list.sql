SELECT
  h.id AS id,
  h.name AS name,
  h.kind AS kind,
  h.township AS township,
  h.lon AS lon,
  h.lat AS lat,
  h.beds AS beds,
  h.has_nursing AS has_nursing,
  h.opened_on AS opened_on
FROM open_data.elder_homes AS h
