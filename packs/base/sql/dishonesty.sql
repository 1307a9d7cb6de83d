SELECT case_no, uscc, filed_on, amount, state
FROM base.enforcement
