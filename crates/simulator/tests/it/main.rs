//! The stand-ins over plain HTTP, as a connector meets them.

#[cfg(test)]
mod amazon;
#[cfg(test)]
mod amazon_people;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod ebay;
#[cfg(test)]
mod fast;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod truth;
#[cfg(test)]
mod wire;
