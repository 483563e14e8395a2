//! What people write below their posts, as varied as in life: several languages, emoji, line breaks, quotes, markup
//! that must never be taken for markup, and nothing at all. A caption is a function of the post's index alone.

/// Thirteen, so that together with the seven steps of the kinds of posts every combination comes up.
static CAPTIONS: [Option<&str>; 13] = [
    Some("Open again from Tuesday. Come and see what is new! #openagain #neighbourhood"),
    Some("Morning light ☀️ and a good start into the week. #monday"),
    None,
    Some("Behind the scenes.\n\nThree of us, one long table and a lot of coffee ☕️\n\n#team #behindthescenes"),
    Some("You told us what \"home\" is: <b>warm</b>, loud & never tidy. <script>alert('caption')</script>"),
    Some("Thank you, Graz! 💛🧡❤️"),
    Some("Ümlauts, naïve façades and a ½ price: 5 € instead of 10 €, only today."),
    Some(
        "A long story this time, for those who like to read. It began with a table from a flea market, two chairs that \
         did not match and a borrowed coffee machine. On the first day there were four guests, and three of them were \
         relatives. The fourth came back the next day and brought a friend.\n\nYears later the table is still here, \
         the chairs still do not match, and the machine has been returned with flowers. What has changed is the \
         number of people who call this their second living room. Some write here, some study, some only look out \
         of the window, and one plays chess against himself every Thursday and loses as often as he wins.\n\nWe are \
         asked now and then what the secret is. There is none. Open the door, remember the names, keep the water \
         hot, and do not count the hours. The rest comes by itself, or it does not, and then tomorrow is another \
         day.\n\nThank you for reading this far. Whoever did may say \"flea market\" at the counter this week and \
         gets a cup for free. One each, please: we know who you are.\n\n#longread #story #thankyou #second #living \
         #room #chess #thursday",
    ),
    Some("It's the small things… ‘quoted’, “quoted twice” and 'plain'."),
    Some("#summer #lake #weekend #friends #sun #swim"),
    Some("No. {n} of our series. Which one do you like best?"),
    Some("@cafe.friends made this with us 🤝 Swipe for more →"),
    Some("welcome – مرحبا بكم – 欢迎 – добро пожаловать – 👩‍👩‍👧‍👦"),
];

/// The caption a post from the start begins with.
pub(super) fn caption(index: u64) -> Option<String> {
    let place = usize::try_from(index).unwrap_or_default() % CAPTIONS.len();
    Some(CAPTIONS[place]?.replace("{n}", &(index + 1).to_string()))
}
