"""Texts of our own over which `make_encoder.py` looks at how large the activations become.

They decide the ranges of the 8-bit numbers and nothing else: every kind of text that a memory may
hold should occur. Changing a line changes the model.
"""

TURNS = """\
Hey Nora! How did the interview go yesterday? I kept thinking about you.
Honestly, better than I expected. They asked about the bridge project and I talked for ten minutes straight.
Tomás: I adopted a second dog last weekend, a greyhound called Biscuit. She sleeps eighteen hours a day.
Priya: Congratulations!! 🎉🎉 Send me photos, please.
What did the doctor say about your knee?
He said it is a small tear in the meniscus, nothing that needs surgery, but no running for six weeks.
When is your sister's wedding?
The wedding is on 14 September 2024 in Porto, and I still have no shoes.
Where did we leave the spare key to the allotment?
It is under the blue pot, behind the rhubarb.
I passed my driving test on the third try.
My grandmother used to make plum dumplings every August, and the whole street smelled of cinnamon.
How much did the new roof cost in the end?
£11,450 including the scaffolding, which was more than the quote.
Mei: 我昨天买了一本关于陶艺的书。
Yuki: 来週の火曜日に京都へ行きます。
Остап: я вчера починил велосипед, и теперь он едет как новый.
¿Te acuerdas del restaurante de la esquina donde celebramos el cumpleaños de Lucía?
Wir haben gestern bis Mitternacht Karten gespielt und viel gelacht.
Je n'ai pas encore reçu ta lettre, mais le colis est arrivé mardi.
ok
thanks 😊
lol no way
Sure.
Yes, exactly.
What?
Can you remind me which paint we used for the hallway?
The hallway is Skimming Stone, matt, from the shop on Mill Road; there is half a tin left in the cellar.
fn main() { println!("{}", compute(&args[1..])); }
SELECT name, COUNT(*) FROM visits WHERE day >= '2023-01-01' GROUP BY name ORDER BY 2 DESC LIMIT 10;
The build failed with error E0502: cannot borrow `turns` as mutable because it is also borrowed as immutable.
See https://example.org/guides/sourdough?step=4#shaping for the folding part.
My phone number changed, it is now +44 20 7946 0018, and the old e-mail address rik@example.net still works.
Backups run at 03:15 every night and keep seven daily and four weekly copies.
I have been learning the cello for two years, and last night I finally played the whole of the first Bach suite without stopping.
That is wonderful news, you must be so proud of yourself!
We hiked up to the hut in the fog, waited three hours for the view, and saw nothing but a very confident goat.
Do you still want to come camping with us in June, or is work too busy?
I quit my job at the bank and enrolled in a nursing programme; classes begin in January.
Nobody in my family understands why, but I have never been so sure of anything.
She recommended a novel about a lighthouse keeper, I think by Emma Stonex.
Our team lost 4-1, but I scored the one.
The twins turn five on Saturday and want a dinosaur cake, a pirate cake and, if possible, a cake that is also a train.
I am allergic to walnuts and to penicillin.
He is allergic to nothing except mornings.
Remember to renew the passport before the trip to Vietnam.
The meeting was moved from Thursday 10:00 to Friday 14:30, room B2.17.
My favourite colour used to be green, but these days it is a dark kind of yellow.
I felt anxious the whole week before the exam, and then it was easy.
After the divorce she moved to Gothenburg and opened a small bakery near the harbour.
The cat knocked the router off the shelf again, that is why I was offline.
What's the name of that podcast about forgotten inventions you told me about last month?
Volunteering at the food bank taught me more about logistics than my degree did.
The photosynthesis chapter is hard: light reactions, Calvin cycle, C4 plants, and the exam covers all of it.
Interest rates rose by a quarter of a point, so our mortgage goes up by ninety euros a month.
An electron in a magnetic field moves on a helix whose radius depends on its velocity.
Preheat the oven to 220 °C, bake for 25 minutes, then lower to 180 °C until the crust is dark brown.
The court dismissed the appeal because it had been filed out of time.
Symptoms include fever, a dry cough, loss of smell and, in some patients, a rash.
Rain all day, wind from the north-west at 35 km/h, gusts up to 60.
I painted the harbour at sunrise, all pink and grey, and gave the picture to my neighbour.
Did Ingrid ever finish the mural at the community centre?
She finished it in May; there is a heron in it that looks exactly like the mayor.
I started therapy in March and it has helped me to sleep again.
I'm so sorry for your loss, he was a lovely man. 💔
Let's meet at the café opposite the old cinema at quarter past six?
I can't, I have choir on Wednesdays until eight.
The guitar has a crack in the neck, and the repair would cost more than I paid for it.
We decided to name her Wilhelmina, Mina for short.
My brother is a paramedic in Leeds, my sister teaches chemistry, and I draw maps for video games.
Version 2.4.1 fixes the crash on start when the configuration file is empty.
A haiku: old pond, a frog jumps in, the sound of water.
In 1911 the expedition reached the pole after fifty-six days on skis and with dogs.
ANNOUNCEMENT!!! THE LIBRARY IS CLOSED ON MONDAY DUE TO A BURST PIPE!!!
1234567890 3.14159 42 0x7f 1e-9
... ??? !!! --- ***
def fibonacci(n): return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)
{"name": "Ada", "languages": ["French", "English"], "born": 1815, "alive": false}
Antidisestablishmentarianism and floccinaucinihilipilification are words nobody uses.
aaaaaaaaaaaaaaaaaaaaaaaa zzzzzzzz qwrtpsdf
The user prefers short answers, metric units, and to be addressed informally.
You are a helpful assistant. Answer only from the notes below and say so when they do not contain the answer.
Sure! Here is a simple three-day plan for Lisbon: on day one walk through Alfama, take tram 28, and eat custard tarts in Belém.
To train for a half marathon you should run three to four times a week, increase the distance by about ten percent each week, and rest before you are tired.
What did I say about my budget for the kitchen?
Which of my friends plays the accordion?
How long has Ruben been living in Utrecht?
Who gave me the red scarf?
Why did we cancel the trip to the mountains in February?
Would Hana enjoy a concert of early music?
What are the names of the two rabbits?
""".splitlines()
