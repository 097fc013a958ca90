mod interrupted;
mod learned;
mod settings;

use super::*;
use crate::test_market::{TinyMarket, quick, trained};
