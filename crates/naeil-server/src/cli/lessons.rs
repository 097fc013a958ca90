//! What `--help` of a command teaches beyond its arguments: the next thing to type, and its traps.

pub(super) const SERVE: &str = "\
Prints the address it listens on, then logs JSON lines on standard error until SIGTERM or Ctrl-C.
Without a champion it answers 503 until there is one; new bars and champions are noticed by
themselves.

Tokens are signed with a secret that every `serve` and `token` must share:
  head -c 48 /dev/urandom | base64 > secret
  export NAEIL_AUTH__JWT_SECRET_FILE=$PWD/secret
  naeil serve --bind 127.0.0.1:8080
  curl -H \"Authorization: Bearer $(naeil token)\" http://127.0.0.1:8080/api/v1/ai/predict/005930";

pub(super) const IMPORT: &str = "\
Importing a file again changes nothing; another value for a known stock and session is kept as a
correction. Refused rows are counted by reason and written to a file with line and reason.

  naeil import bars.parquet
  naeil import 2023.csv 2024.csv.gz --output json

Files of other people are read by a layout, shipped or your own:
  naeil import --list-layouts
  naeil import --layout financedatareader --market KOSPI 005930.csv 000660.csv
  naeil import --layout krx-market --session 2024-01-02 data_5143_20240103.csv
  naeil import --layout mine.toml --dry-run bars.csv
docs/DATA.md says what a layout can say.

Corporate actions that no source states, one a line: 035720,2021-04-15,split,5
  naeil import --actions actions.csv";

pub(super) const FETCH: &str = "\
Examples:
  NAEIL_SOURCES__KRX__AUTH_KEY_FILE=krx-key naeil fetch krx --from 2024-01-02
  NAEIL_SOURCES__DATABASE__URL_FILE=database-url NAEIL_SOURCES__DATABASE__MAPPING=mapping.toml \\
    naeil fetch database
Both store only sessions whose bars are final, and go on where they stopped.";

pub(super) const FETCH_KRX: &str = "\
The key is issued at https://openapi.krx.co.kr; apply there for the daily trading of KOSPI
(stk_bydd_trd) and KOSDAQ (ksq_bydd_trd). A session takes two calls, at most
sources.krx.calls_per_second of them in a second, and is stored whole or not at all; after an
interruption the same command goes on. Not yet tried against the live service.

  export NAEIL_SOURCES__KRX__AUTH_KEY_FILE=$PWD/krx-key
  naeil fetch krx --from 2024-01-02 --dry-run
  naeil fetch krx --from 2024-01-02
  naeil fetch krx --from 2024-01-02 --until 2024-01-05 --refetch   look for corrections";

pub(super) const FETCH_DATABASE: &str = "\
Reads in one read-only transaction; a role with SELECT on the two tables is enough. Without --since
and --full the newest session in the store is read again, and what came after it.

  export NAEIL_SOURCES__DATABASE__URL_FILE=$PWD/database-url
  export NAEIL_SOURCES__DATABASE__MAPPING=$PWD/mapping.toml
  naeil fetch database --full --dry-run
  naeil fetch database
  naeil fetch database --since 2024-01-02      look for corrections";

pub(super) const DATA: &str = "\
Examples:
  naeil data check                     is it fit to train on, and what is wrong with it
  naeil data check --html report.html  the same as a page with plots
  naeil data actions                   corporate actions that are known";

pub(super) const DATA_CHECK: &str = "\
Ends with exit code 6 if a check fails; `naeil retrain` makes the same checks of the sessions that it
reads, and refuses such data. The report is also kept as JSON and as a page under DATA_DIR/quality
(one of only some codes or sessions as '-part'), and corporate actions that would explain a break
as a file to review and import:

  naeil data check
  naeil data check --codes 005930 000660 --from 2018-01-01 --output json
  naeil data check --as-known-at 2024-07-01T00:00:00Z
  naeil import --actions .naeil/quality/XKRX-r1.actions.csv";

pub(super) const DATA_ACTIONS: &str = "\
Stated ones come from the exchange's base prices, entered ones from a file of actions.

  naeil data actions --output csv";

pub(super) const SIMULATE: &str = "\
The prices are invented, and everything made from them says so. Wants an empty data directory:
  naeil --data-dir ./play simulate --stocks 100 --sessions 500
  naeil --data-dir ./play retrain";

pub(super) const RETRAIN: &str = "\
Prints the scores beside those of forecasters without skill, and the verdict PROMOTE or HOLD; both
end with exit code 0. `naeil ledger` lists the verdicts. The settings stand in the area retrain:
  naeil config show
  NAEIL_RETRAIN__MAX_MINUTES=10 NAEIL_RETRAIN__HIDDEN_SIZE=32 naeil retrain

Data that fail the quality report end with exit code 6 before anything is trained, and nothing is
promoted; --accept-data says which check may fail, and the model's card and the ledger repeat it.

The bars of every run are kept in DATA_DIR/runs/RUN/extract (Parquet and JSON), and none is ever
removed by naeil. To repeat a run, or to learn from what was known then:
  naeil retrain --from-snapshot .naeil/runs/20261123T153000Z-ab12cd/extract
  naeil retrain --until 2026-06-30 --as-known-at 2026-07-01T00:00:00Z";

pub(super) const EVALUATE: &str = "\
Trains the network on folds that move forward in time, five seeds each, and judges it beside gradient
boosting, linear models, base rates and single factors on the same rows; then looks for leaks. The
report lies in DATA_DIR/evaluations as a page, JSON and text. Every training is stored there, so that
a run that was killed goes on where it stopped, and a run with other costs or more seeds trains only
what is missing. A leak ends with exit code 7.

  naeil evaluate                         half an hour on two cores
  naeil evaluate --full                  everything; says first how long it will take
  naeil evaluate --data bars.parquet --folds 2 --seeds 2 --no-refit
  naeil evaluate --train-until 2021-12-31 --validate-until 2022-12-31 --test-until 2023-12-31
  naeil evaluate --output json > evaluation.json";

pub(super) const CALIBRATE: &str = "\
Meant for every night, after new bars were imported: it trains nothing and takes seconds. It walks
through the sessions after the champion's training, fits what turns its outputs into probabilities and
return intervals, and puts one small file beside the model in the registry; a server takes it up by
itself. The same bars give the same file. `naeil retrain` ends with it.

The table says, for each horizon, what changed: the probability of a rise where the model sees no
difference between stocks, and how much its differences count. With --output json every calibrator
is listed with its weight.

Ends with exit code 5 if there is no champion, no bar, or no outcome known after the training; what was
published before stays then.

  naeil import today.parquet && naeil calibrate
  naeil calibrate --output json";

pub(super) const PREDICT: &str = "\
With --output json every prediction is the object that the HTTP API answers with.

  naeil predict 005930 000660 --horizon 5d
  naeil predict 005930 --output json";

pub(super) const TOKEN: &str = "\
The token is printed alone, so that it can be used in place:
  curl -H \"Authorization: Bearer $(naeil token --subject my-app --minutes 600)\" ...

It is signed with auth.jwt_secret, which must be the server's. A demo's secret lies in its data
directory: NAEIL_AUTH__JWT_SECRET_FILE=.naeil/demo-jwt-secret";

pub(super) const KEY: &str = "\
Where models are trained, the private key signs them:
  naeil key signing.key
  export NAEIL_BUNDLE__SIGNING_KEY_FILE=$PWD/signing.key

Where they are served, and there too, the public key admits them and nothing else:
  export NAEIL_BUNDLE__TRUSTED_KEYS=<the line that naeil key printed>

Several keys are separated by commas, so that a new one can take over from an old one. An old model
that a trusted key signed is still admitted, so that one can go back to it; to rule out all before a
moment, set bundle.not_before.";

pub(super) const DEMO: &str = "\
Examples:
  naeil demo                       a simulated market, on 127.0.0.1:8080
  naeil demo --once                predict, print, and end
  naeil demo --data bars.parquet   the same on recorded bars
  naeil --data-dir .naeil/recorded predict 005930      ask that one afterwards";

pub(super) const CONFIG: &str = "\
Examples:
  naeil config example > naeil.toml
  naeil --config naeil.toml config check
  NAEIL_HTTP__BIND=0.0.0.0:80 naeil config show";

pub(super) const COMPLETIONS: &str = "\
Examples:
  naeil completions bash > ~/.local/share/bash-completion/completions/naeil
  naeil completions zsh > ~/.zfunc/_naeil
  naeil completions fish > ~/.config/fish/completions/naeil.fish";

pub(super) const MAN: &str = "\
Examples:
  naeil man ~/.local/share/man/man1 && man naeil-import";
