-- call: '2024-01-01', '2024-07-31'
-- call: '2024-02-15', '2024-05-20'
-- call: '2024-04-01', '2024-06-30'
-- call: '2024-01-01', '2024-12-31'
select company_id, customer_id, document_id, instalment, document_date, due_date, posting_date, days_given, terms_agreed, days_agreed,
    days_given - days_agreed as days_over, currency, amount, company_amount, reason
from given
