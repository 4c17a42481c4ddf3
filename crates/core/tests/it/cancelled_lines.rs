//! Lines that are cancelled by themselves: what of an order is packed still, and which parcels hold too much.

use chrono::Duration;
use ordersync_core::fulfilment::{DispatchWish, Pieces, Work};
use ordersync_core::{CoreError, ShipmentState};
use ordersync_courier_api::Repeats;
use ordersync_order::{Cancellation, CancellationState, Order, Programme};
use ordersync_store::testing::FreshDatabases;
use ordersync_testkit::{SampleOrder, last_page};

use crate::setting::{SELLER, Setting, start};
use crate::shop::{Shop, of, packer};

fn cancel(order: &mut Order, line: usize) {
    let vendor_line_id = Some(order.facts.lines.get(line).unwrap().vendor_line_id.clone());
    let state = CancellationState::Done;
    order.facts.cancellations.push(Cancellation { vendor_line_id, state, by: None, reason: None, at: None });
}

fn counts(order: &mut Order, line: usize, ordered: u32, left: Option<u32>, to_dispatch: Option<u32>) {
    let line = order.facts.lines.get_mut(line).unwrap();
    (line.quantity, line.quantity_dispatched, line.quantity_to_dispatch) = (ordered, left, to_dispatch);
}

/// An order of two lines, the second one of a single piece.
fn two_lines() -> Order {
    let mut order = SampleOrder::new(4, start()).build();
    order.facts.lines.truncate(2);
    assert_eq!(order.facts.lines.len(), 2);
    counts(&mut order, 0, 3, Some(0), None);
    counts(&mut order, 1, 1, Some(0), None);
    order
}

/// Its name, the pieces that can be packed or why it waits, and what is changed.
type Case = (&'static str, Result<&'static [i64], &'static str>, fn(&mut Order));

#[tokio::test]
async fn what_is_cancelled_is_not_packed_and_counts_that_do_not_agree_wait() {
    let cases: [Case; 9] = [
        ("nothing is cancelled", Ok(&[3, 1]), |_| ()),
        ("a whole line", Ok(&[1]), |order| cancel(order, 0)),
        ("what is left of a line", Ok(&[1]), |order| {
            counts(order, 0, 3, Some(2), None);
            cancel(order, 0);
        }),
        ("one piece of three", Ok(&[2, 1]), |order| {
            counts(order, 0, 3, Some(0), Some(2));
            cancel(order, 0);
        }),
        ("counted and all there", Ok(&[2, 1]), |order| counts(order, 0, 3, Some(1), Some(2))),
        ("cancelled, yet counted", Err("3 of its pieces are counted as still to be sent"), |order| {
            counts(order, 0, 3, Some(0), Some(3));
            cancel(order, 0);
        }),
        ("fewer without a word", Err("2 of its 3 pieces are to be sent no more"), |order| {
            counts(order, 0, 3, None, Some(1));
        }),
        ("all of it", Err("every piece of it was cancelled"), |order| {
            cancel(order, 0);
            cancel(order, 1);
        }),
        ("digital", Err("nothing is posted"), |order| {
            for line in &mut order.facts.lines {
                line.programmes.push(Programme::Digital);
            }
        }),
    ];
    for (name, expected, change) in cases {
        let mut order = two_lines();
        change(&mut order);
        let shop = Shop::with(Setting::new(FreshDatabases::sqlite()).await, vec![order], Repeats::ByKey).await;
        let mut found = Vec::new();
        shop.core().each_open_order(SELLER, |page| found.extend(page.into_iter().map(|(_, work)| work))).await.unwrap();
        let outcome = match found.as_slice() {
            [Work::Label(open)] => Ok(open.iter().map(|(_, pieces)| *pieces).collect::<Vec<_>>()),
            [Work::Held(hold) | Work::OtherLabel(hold)] => Err(hold.text()),
            other => panic!("{name}: {other:?}"),
        };
        let made = shop.label(of(shop.ids().await[0])).await;
        match (&outcome, expected) {
            (Ok(open), Ok(expected)) => {
                assert_eq!(open, expected, "{name}");
                let reference = made.unwrap().reference;
                let shipment = shop.core().store.shipment(SELLER, &reference).await.unwrap().unwrap();
                assert_eq!(shipment.lines.iter().map(|line| line.quantity).collect::<Vec<_>>(), expected, "{name}");
            }
            (Err(reason), Err(expected)) => {
                assert!(reason.contains(expected), "{name}: {reason}");
                assert!(made.is_err(), "{name}");
            }
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}

#[tokio::test]
async fn a_parcel_with_more_than_is_wanted_now_does_not_leave() {
    for shop in Shop::each(|| vec![two_lines()]).await {
        let id = shop.ids().await[0];
        let line = two_lines().facts.lines[0].vendor_line_id.to_string();
        let two = Some(vec![Pieces { vendor_line_id: line, quantity: 2 }]);
        let first =
            shop.label(ordersync_core::fulfilment::LabelWish { pieces: two, ..of(id) }).await.unwrap().reference;
        let second = shop.made(id).await;
        let sent = |target: &dyn ToString| {
            let target = target.to_string();
            DispatchWish { target, carrier: None, service: None, tracking: None }
        };
        // One piece of the first line is taken back by the buyer.
        let mut changed = two_lines();
        changed.facts.updated_at += Duration::hours(1);
        counts(&mut changed, 0, 3, Some(0), Some(2));
        cancel(&mut changed, 0);
        shop.setting.connector.push_page(last_page(vec![changed], start() + Duration::hours(1)));
        shop.setting.clock.advance_to(start() + Duration::hours(2));
        shop.setting.sync().await.unwrap();
        for reference in [first, second] {
            assert!(shop.refusal(reference).await.unwrap().contains("3 pieces of"), "either of them is one too many");
            let refused = shop.core().dispatch(SELLER, &sent(&reference), &packer()).await;
            let Err(CoreError::Refused { message, hint }) = refused else { panic!("{refused:?}") };
            assert!(message.contains("and 2 are wanted now: do NOT send it") && hint.contains("void"), "{message}");
        }
        shop.core().void_label(SELLER, &second, &packer()).await.unwrap();
        assert_eq!(shop.refusal(first).await, None);
        assert!(shop.core().dispatch(SELLER, &sent(&first), &packer()).await.unwrap().recorded);
        let rest = shop.made(id).await;
        let rest = shop.core().store.shipment(SELLER, &rest).await.unwrap().unwrap();
        assert_eq!(rest.lines.iter().map(|line| line.quantity).collect::<Vec<_>>(), [1], "the second line alone");
        let left = shop.core().store.shipment(SELLER, &first).await.unwrap().unwrap();
        assert_eq!(left.state, ShipmentState::Dispatched);
        // A line that is gone from the order is wanted no more.
        let mut changed = two_lines();
        changed.facts.updated_at += Duration::hours(3);
        changed.facts.lines.truncate(1);
        counts(&mut changed, 0, 2, Some(2), Some(0));
        shop.setting.connector.push_page(last_page(vec![changed], start() + Duration::hours(3)));
        shop.setting.clock.advance_to(start() + Duration::hours(4));
        shop.setting.sync().await.unwrap();
        let refused = shop.core().dispatch(SELLER, &sent(&rest.reference), &packer()).await.unwrap_err();
        assert!(refused.to_string().contains("is in the order no more"), "{refused}");
    }
}
