use ordersync_store::testing::FreshDatabases;
use ordersync_store::{KekRow, StoreError};
use ordersync_types::KeyId;
use ordersync_vault::{KEK_USE_BLOCK, KeyClass, KeyState, ScopeId, VaultError};

use crate::sample::{SELLER, at, key_row, tree};

#[tokio::test]
async fn a_key_reads_back_as_written_and_an_orphan_is_taken_up() {
    for fresh in FreshDatabases::each().await {
        let databases = fresh.open().await;
        let tree = tree();
        let first = key_row(&tree, KeyClass::Delivery, [1; 16], KeyId::new(at(0), 1));
        let written = databases.write_keys(std::slice::from_ref(&first)).await.unwrap();
        assert_eq!((written.sequence, written.existing.len()), (1, 0));
        let read = databases.keys_by_id(&[first.key_id]).await.unwrap();
        assert_eq!(read.get(&first.key_id), Some(&first), "{}", fresh.kind);
        tree.unwrap(&first).unwrap();

        // Another key for the same scope: the one that is there wins, and the other scope's is written.
        let second = key_row(&tree, KeyClass::Delivery, [1; 16], KeyId::new(at(0), 2));
        let other = key_row(&tree, KeyClass::Contact, [2; 16], KeyId::new(at(0), 3));
        let written = databases.write_keys(&[second.clone(), other.clone()]).await.unwrap();
        assert_eq!(written.existing, vec![first]);
        let read = databases.keys_by_id(&[second.key_id, other.key_id]).await.unwrap();
        assert!(!read.contains_key(&second.key_id) && read.contains_key(&other.key_id));
    }
}

#[tokio::test]
async fn a_key_number_is_never_used_twice() {
    for fresh in FreshDatabases::each().await {
        let databases = fresh.open().await;
        let tree = tree();
        let first = key_row(&tree, KeyClass::Delivery, [1; 16], KeyId::new(at(0), 1));
        let clash = key_row(&tree, KeyClass::Delivery, [2; 16], KeyId::new(at(0), 1));
        databases.write_keys(&[first]).await.unwrap();
        let error = databases.write_keys(&[clash]).await.unwrap_err();
        assert!(matches!(error, StoreError::KeyIdTaken), "{}: {error}", fresh.kind);
        assert_eq!(databases.key_sequences().await.unwrap(), (1, 0), "nothing was written");
    }
}

#[tokio::test]
async fn a_destroyed_key_leaves_a_tombstone_and_nothing_else() {
    for fresh in FreshDatabases::each().await {
        let databases = fresh.open().await;
        let tree = tree();
        let row = key_row(&tree, KeyClass::Delivery, [1; 16], KeyId::new(at(0), 1));
        databases.write_keys(std::slice::from_ref(&row)).await.unwrap();
        databases.destroy_keys(&[row.key_id], at(9), "retention").await.unwrap();
        databases.destroy_keys(&[row.key_id], at(99), "again").await.unwrap();
        let rows = databases.keys_of_scopes(SELLER, KeyClass::Delivery, &[ScopeId::from_bytes([1; 16])]).await.unwrap();
        let [tombstone] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!((tombstone.state, tombstone.destroyed_at), (KeyState::Destroyed, Some(at(9))), "the first stays");
        assert_eq!((tombstone.wrapped.as_ref(), tombstone.reason.as_deref()), (None, Some("retention")));
        assert!(matches!(tree.unwrap(tombstone), Err(VaultError::DestroyedKey { .. })));
        assert_eq!(databases.remove_old_tombstones(at(999)).await.unwrap(), 0, "not before its rows are noted as gone");
        assert_eq!(databases.unnoted_tombstones(10).await.unwrap(), vec![row.key_id]);
        databases.note_rows_gone(&[row.key_id], at(20)).await.unwrap();
        databases.note_rows_gone(&[row.key_id], at(50)).await.unwrap();
        assert_eq!(databases.remove_old_tombstones(at(20)).await.unwrap(), 0);
        assert_eq!(databases.remove_old_tombstones(at(21)).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn uses_of_the_root_secret_are_reserved_in_blocks() {
    for fresh in FreshDatabases::each().await {
        let databases = fresh.open().await;
        let tree = tree();
        let row = KekRow { kek_id: tree.id(), root_check: tree.root_check(), uses_reserved: 0, created_at: at(0) };
        databases.add_kek(&row).await.unwrap();
        assert_eq!(databases.keks().await.unwrap(), vec![row]);
        assert_eq!(databases.reserve_kek_uses(tree.id()).await.unwrap(), KEK_USE_BLOCK);
        assert_eq!(databases.reserve_kek_uses(tree.id()).await.unwrap(), 2 * KEK_USE_BLOCK);
    }
}
