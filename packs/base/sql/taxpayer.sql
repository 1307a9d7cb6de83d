SELECT
  t.uscc AS uscc,
  t.credit AS credit,
  t.registered_on AS registered_on,
  i.people AS insured_people
FROM base.tax_registration AS t
LEFT JOIN base.firm_insured AS i
  ON i.uscc = t.uscc
