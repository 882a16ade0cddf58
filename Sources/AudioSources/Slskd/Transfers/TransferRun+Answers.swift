import Contracts
import Foundation
import ServiceKit

// The requests to slskd and the file operations behind the questions of a machine.
extension TransferRun {
    /// - Throws: `CancellationError`. Failures of slskd and of files are part of the event.
    func answer(_ question: TransferCommand) async throws -> TransferEvent {
        switch question {
        case .prepare(let identity): .prepared(try await prepare(identity))
        case .ask(let question): .fact(question, try await fact(question))
        case .acquireSlot(let patience): try await acquireSlot(patience)
        case .order(let identity): .ordered(try await enqueue(identity))
        case .readRecord(let id): .record(try await readRecord(id))
        case .requestPlace(let id): .placeRequested(await requestPlace(id))
        case .checkSlskd: .checked(try await condition())
        case .remove(let id): .removed(try await remove(id))
        case .findFile(let found, let usesEvents): .file(try await findFile(found, usesEvents))
        case .bring(let path, let identity): .brought(try await bring(path, identity))
        case .wait(let time): try await wait(time)
        default: .updated(try await nextUpdate())
        }
    }

    private func wait(_ time: Duration) async throws -> TransferEvent {
        try await Task.sleep(for: time)
        return .waited
    }

    private func acquireSlot(_ patience: Duration) async throws -> TransferEvent {
        let limiter = source.limiter
        // Jobs of other peers can run while this one waits for its peer.
        let patience = limiter.isPeerFull(machine.user) ? min(patience, Self.peerPatience) : patience
        guard try await limiter.acquire(machine.user, priority: order.priority, within: patience) else {
            let isOfPeer = limiter.isPeerFull(machine.user)
            return .noSlot(limit: isOfPeer ? limiter.mostPerPeer : limiter.most, isOfPeer: isOfPeer)
        }
        return .slot
    }

    private static let peerPatience = Duration.seconds(3)

    // MARK: - slskd

    func fact(_ question: TransferQuestion) async throws -> Result<TransferFact, SlskdError> {
        try await result {
            switch question {
            case .version: .version(try await source.client.version())
            case .batch(let id): .batch(try await source.client.batch(id))
            case .file(let id, let destination): .file(try await path(of: id, in: destination, usesEvents: true))
            }
        }
    }

    private func enqueue(_ identity: TransferIdentity) async throws -> Result<SlskdEnqueued, SlskdError> {
        let file = SlskdOrder.File(filename: order.candidate.path, size: order.candidate.size)
        let batch = SlskdOrder(
            id: identity.batchID, username: machine.user, files: [file], destination: identity.destination)
        let enqueued = try await result { try await source.client.enqueue(batch) }
        CrashPoint.pass(.downloadOrdered)
        return enqueued
    }

    private func readRecord(_ id: UUID) async throws -> Result<SlskdTransfer?, SlskdError> {
        try await result { try await source.client.download(id, from: machine.user) }
    }

    /// The peer may not respond. The place is only information for people.
    private func requestPlace(_ id: UUID) async -> Bool {
        guard source.mayRequestPlace() else { return false }
        _ = try? await source.client.position(of: id, from: machine.user)
        return true
    }

    private func condition() async throws -> SlskdCondition {
        switch try await result({ try await source.client.serverState() }) {
        case .success(let state): state.isReady ? .ready : .notLoggedIn
        case .failure: .silent
        }
    }

    func remove(_ id: UUID) async throws -> Result<Bool, SlskdError> {
        // A cancelled run must not end a transfer, which another process may have adopted.
        try Task.checkCancellation()
        return try await result { try await source.client.remove(id, from: machine.user) }
    }

    // MARK: - Files

    private func arrival(_ identity: TransferIdentity) -> TransferArrival {
        TransferArrival(
            candidate: order.candidate, directory: order.directory, stem: identity.stem, pool: source.arrivals)
    }

    private func prepare(_ identity: TransferIdentity) async throws -> Result<AcquiredFile?, SourceError> {
        try await fileResult {
            let arrival = arrival(identity)
            try await arrival.prepare()
            return try await arrival.earlier()
        }
    }

    private func bring(
        _ path: String, _ identity: TransferIdentity
    ) async throws -> Result<AcquiredFile, SourceError> {
        CrashPoint.pass(.downloadTransferred)
        let brought = try await fileResult { try await arrival(identity).bring(path) }
        CrashPoint.pass(.downloadStaged)
        return brought
    }

    private func findFile(
        _ found: FoundTransfer, _ usesEvents: Bool
    ) async throws -> Result<String?, SlskdError> {
        try await result { try await path(of: found.transfer.id, in: found.destination, usesEvents: usesEvents) }
    }

    /// Returns the path of a transfer's file: in its own folder, else from slskd's events; `nil` when there is none yet.
    private func path(of id: UUID, in destination: String?, usesEvents: Bool) async throws -> String? {
        let (files, size) = (source.files, order.candidate.size)
        if let destination, let path = try await blocking({ files.file(in: destination, size: size) }) { return path }
        guard usesEvents, let named = try await source.events.path(of: id) else { return nil }
        return try await blocking { files.file(named: named, size: size) }
    }

    // MARK: - Errors

    private func result<Value>(_ request: () async throws -> Value) async throws -> Result<Value, SlskdError> {
        do {
            return .success(try await request())
        } catch let error as SlskdError {
            return .failure(error)
        }
    }

    private func fileResult<Value>(
        _ operation: () async throws -> Value
    ) async throws -> Result<Value, SourceError> {
        do {
            return .success(try await operation())
        } catch let error as SourceError {
            return .failure(error)
        }
    }
}
