import Contracts
import Foundation

/// A file that a client requests.
struct FakeTransferRequest: Sendable {
    let filename: String
    let size: Int64
}

/// The result of an enqueue: the new records, and the files that are already in progress.
struct SlskdEnqueued: Sendable {
    var transfers: [FakeTransfer] = []
    var failed: [(filename: String, message: String)] = []
}

extension FakeSlskd {
    /// `POST /transfers/downloads/{username}`.
    func enqueue(_ call: SlskdCall) async throws(FakeResponse) -> FakeResponse {
        let username = call.parameter(0)
        let transferRequests = try transferRequests(in: call.json())
        recordEnqueue(username, transferRequests)
        try enterGate()
        defer { leaveGate() }
        try checkOnline(username, offline: 500)
        let result = try await enqueue(transferRequests, from: username, batch: nil)
        return version.respondsToEnqueueWithTransfers ? response(result) : try await waitUntilQueued(result)
    }

    private func response(_ result: SlskdEnqueued) -> FakeResponse {
        let failed = result.failed.map { version.namesFailures ? JSONValue.string($0.filename) : .object([:]) }
        return .json(
            201,
            [
                "enqueued": .array(result.transfers.map { $0.json(sendsStartOffset: version.sendsStartOffset) }),
                "failed": .array(failed),
            ])
    }

    /// The response of old versions: empty, and only after the peer has queued the files.
    private func waitUntilQueued(_ result: SlskdEnqueued) async throws(FakeResponse) -> FakeResponse {
        for transfer in result.transfers {
            await wait(for: transfer.id) { $0.enqueuedAt != nil || $0.state.isCompleted }
        }
        let failed = fixture.withLock { fixture in
            result.transfers.compactMap { fixture.records[$0.id] }.first {
                $0.enqueuedAt == nil && $0.state.isCompleted
            }
        }
        if let failed { throw .text(500, failed.exception ?? failed.state.rawValue) }
        return .empty(201)
    }

    /// Connects to the peer and creates records, except for files that are already in progress.
    /// - Throws: 500 if the peer is not reachable or a file is named twice.
    func enqueue(
        _ transferRequests: [FakeTransferRequest], from username: String, batch: String?
    ) async throws(FakeResponse)
        -> SlskdEnqueued
    {
        if let failure = await reach(username) { throw .text(500, failure.message) }
        guard Set(transferRequests.map { Data($0.filename.utf8) }).count == transferRequests.count else {
            throw .text(500, "An item with the same key has already been added.")
        }
        let result = fixture.withLock { fixture in
            transferRequests.reduce(into: SlskdEnqueued()) { result, transferRequest in
                if fixture.records.running(username, transferRequest.filename) != nil {
                    result.failed.append((transferRequest.filename, "Skipped: Already in progress"))
                } else {
                    let size = transferRequest.size
                    result.transfers.append(
                        fixture.records.add(username, transferRequest.filename, size: size, batch: batch))
                }
            }
        }
        for transfer in result.transfers { begin(transfer.id) }
        return result
    }

    private func reach(_ username: String) async -> SlskdFailure? {
        let isUnreachable = fixture.withLock { $0.peer(username)?.behaviour == .unreachable }
        try? await pause(isUnreachable ? timing.unreachable : timing.connecting)
        if isUnreachable { return .unreachable(username) }
        return fixture.withLock { fixture in
            guard fixture.connection == .loggedIn else { return .notLoggedIn }
            return fixture.isOnline(username) ? nil : .offline(username)
        }
    }

    /// Admits at most two enqueue calls at a time, for all users together.
    func enterGate() throws(FakeResponse) {
        let isFree = fixture.withLock { fixture in
            guard fixture.enqueueCalls < 2 || !version.hasGates else { return false }
            fixture.enqueueCalls += 1
            return true
        }
        if !isFree { throw .busy }
    }

    func leaveGate() { fixture.withLock { $0.enqueueCalls -= 1 } }

    func checkOnline(_ username: String, offline status: Int) throws(FakeResponse) {
        let (isLoggedIn, isOnline) = fixture.withLock { ($0.connection == .loggedIn, $0.isOnline(username)) }
        guard isLoggedIn else { throw .text(500, SlskdFailure.notLoggedIn.message) }
        guard isOnline else { throw .text(status, SlskdFailure.offline(username).message) }
    }

    func recordEnqueue(_ username: String, _ transferRequests: [FakeTransferRequest]) {
        fixture.withLock { $0.log.enqueued += transferRequests.map { (username, $0.filename) } }
    }

    private func transferRequests(in body: JSONValue) throws(FakeResponse) -> [FakeTransferRequest] {
        guard let items = body.elements else { throw .text(400, "The JSON value could not be converted.") }
        guard !items.isEmpty else { throw .text(400, "At least one file is required") }
        guard !items.contains(.null) else { throw .text(400, "One or more files in the request are null") }
        let transferRequests = items.map {
            FakeTransferRequest(
                filename: $0.member("filename")?.stringValue ?? "", size: $0.member("size")?.integerValue ?? 0)
        }
        if version.refusesTraversal, transferRequests.contains(where: { SlskdPath.hasTraversal($0.filename) }) {
            throw .text(400, "One or more files in the request contain a dangerous path traversal segment")
        }
        return transferRequests
    }
}
