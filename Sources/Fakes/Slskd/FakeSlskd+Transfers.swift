import Contracts
import Foundation

extension FakeSlskd {
    func handleTransfers(_ route: FakeRoute, _ call: SlskdCall) throws(FakeResponse) -> FakeResponse {
        switch route {
        case .batch: return try batch(call)
        case .userTransfers: return try userTransfers(call.parameter(0))
        case .transfer: return .json(200, json(try transfer(call)))
        case .position: return try position(call)
        case .cancelTransfer: return try cancel(call)
        case .clearTransfers:
            fixture.withLock { fixture in
                for transfer in fixture.records.inOrder where transfer.state.isCompleted {
                    fixture.records[transfer.id]?.removed = true
                }
            }
            return .empty(204)
        default: return listTransfers(includesRemoved: call.flag("includeRemoved"))
        }
    }

    private func json(_ transfer: FakeTransfer) -> JSONValue {
        transfer.json(sendsStartOffset: version.sendsStartOffset)
    }

    private func listTransfers(includesRemoved: Bool) -> FakeResponse {
        let transfers = fixture.withLock { $0.records.inOrder.filter { includesRemoved || !$0.removed } }
        let users = grouped(transfers) { $0.username }
        return .json(200, .array(users.map { user($0.key, $0.transfers) }))
    }

    private func userTransfers(_ username: String) throws(FakeResponse) -> FakeResponse {
        let transfers = fixture.withLock { fixture in
            fixture.records.inOrder.filter { !$0.removed && $0.username.utf8.elementsEqual(username.utf8) }
        }
        guard !transfers.isEmpty else { throw .empty(404) }
        return .json(200, user(username, transfers))
    }

    private func user(_ username: String, _ transfers: [FakeTransfer]) -> JSONValue {
        let folders = grouped(transfers) { SlskdPath.remoteFolder(of: $0.filename) }
        let directories = folders.map { folder -> JSONValue in
            [
                "directory": .string(folder.key), "fileCount": .integer(Int64(folder.transfers.count)),
                "files": .array(folder.transfers.map(json)),
            ]
        }
        return ["username": .string(username), "directories": .array(directories)]
    }

    /// Groups transfers, in the order of their first members.
    private func grouped(
        _ transfers: [FakeTransfer], by key: (FakeTransfer) -> String
    ) -> [(key: String, transfers: [FakeTransfer])] {
        Dictionary(grouping: transfers) { Data(key($0).utf8) }.values
            .sorted { ($0.first?.number ?? 0) < ($1.first?.number ?? 0) }
            .compactMap { group in group.first.map { (key($0), group) } }
    }

    /// Returns the transfer with the id of a request, also if it was removed.
    private func transfer(_ call: SlskdCall) throws(FakeResponse) -> FakeTransfer {
        guard let id = call.identifier(1) else { throw .empty(400) }
        guard let transfer = fixture.withLock({ $0.records[id] }) else { throw .empty(404) }
        return transfer
    }

    private func batch(_ call: SlskdCall) throws(FakeResponse) -> FakeResponse {
        guard let id = call.identifier(0) else {
            throw .text(400, "The specified id \(call.parameter(0)) is not a valid GUID/UUID")
        }
        let found = fixture.withLock { fixture in
            fixture.records.batches[id].map { ($0, fixture.records.transfers(of: id)) }
        }
        guard let (batch, transfers) = found else { throw .empty(404) }
        return .json(200, batch.json(transfers: transfers))
    }

    /// Responds with the position in the queue of the peer, only for queued transfers.
    private func position(_ call: SlskdCall) throws(FakeResponse) -> FakeResponse {
        let transfer = try transfer(call)
        guard transfer.state == .queuedRemotely, let position = position(of: transfer) else {
            throw .text(500, "The file is not enqueued")
        }
        fixture.withLock { $0.records[transfer.id]?.placeInQueue = position }
        return .json(200, .integer(Int64(position)))
    }

    private func position(of transfer: FakeTransfer) -> Int? {
        guard let peer = fixture.withLock({ $0.peer(transfer.username) }) else { return nil }
        if case .neverStarts(let place) = peer.behaviour(for: peer.file(transfer.filename)) { return place }
        let strangers = fixture.withLock { $0.strangers[transfer.id] ?? 0 }
        return strangers + (uploadQueue(of: peer).position(of: transfer.id) ?? 0) + 1
    }

    /// Cancels a transfer in progress. Hides the transfer only if it is completed now.
    private func cancel(_ call: SlskdCall) throws(FakeResponse) -> FakeResponse {
        guard let id = call.identifier(1) else { throw .empty(400) }
        let removes = call.flag("remove")
        fixture.withLock { fixture in
            if removes, fixture.records[id]?.state.isCompleted == true { fixture.records[id]?.removed = true }
        }
        if fixture.withLock({ $0.records[id]?.state != .succeeded }) { interrupt(id, .cancelled) }
        return .empty(204)
    }
}
