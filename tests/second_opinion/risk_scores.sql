-- call: '2024-05-31'
-- call: '2024-04-20'
-- call: '2024-06-15'
-- call: '2024-07-05'
-- call: '2024-03-31'
select * from risk_card
