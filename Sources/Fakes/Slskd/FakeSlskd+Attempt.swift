import Foundation

extension FakeSlskd {
    /// Starts the first attempt of a transfer, and cancels a transfer that is not acknowledged in time.
    func begin(_ id: String) {
        run("watch \(id)") {
            guard (try? await self.pause(self.timing.acknowledging)) != nil else { return }
            let isAcknowledged = self.fixture.withLock { $0.records[id]?.enqueuedAt != nil }
            if !isAcknowledged { self.interrupt(id, .cancelled) }
        }
        attempt(id, number: 1, after: .zero)
    }

    private func attempt(_ id: String, number: Int, after wait: Duration) {
        run(id) {
            do {
                try await self.pause(wait)
                self.change(id) { $0.attempts = number }
                try await self.transfer(id)
                await self.finish(id)
            } catch let failure as SlskdFailure {
                await self.conclude(id, failure)
            } catch is CancellationError {
                guard let failure = self.removeInterruption(id) else { return }
                await self.conclude(id, failure)
            } catch {
                await self.conclude(id, .errored("\(error)"))
            }
        }
    }

    /// Records a failure and schedules another attempt if slskd makes one.
    private func conclude(_ id: String, _ failure: SlskdFailure) async {
        if failure.state == .cancelled { try? await pauseUncancelled(timing.cancelling) }
        let attempts = change(id) {
            $0.state = failure.state
            $0.exception = failure.message
            $0.endedAt = Date()
        }?.attempts
        guard let attempts, failure.isRetried, version.retries, attempts < settings.attempts else { return }
        let isActive = fixture.withLock { $0.interruptions[id] == nil && $0.records[id]?.removed == false }
        guard isActive else { return }
        change(id) {
            $0.state = .queuedLocally
            $0.attempts = attempts + 1
        }
        attempt(id, number: attempts + 1, after: timing.retryWait(before: attempts + 1))
    }

    /// Runs one attempt, from the request to the last byte.
    private func transfer(_ id: String) async throws {
        guard let transfer = fixture.withLock({ $0.records[id] }) else { throw CancellationError() }
        try await downloadSlots.withSlot(id) {
            let peer = try reachable(transfer.username)
            change(id) { $0.state = .requested }
            let file = try await request(transfer, at: peer)
            change(id) {
                $0.state = .queuedRemotely
                $0.enqueuedAt = $0.enqueuedAt ?? Date()
            }
            try await queue(transfer, file, at: peer)
            try await uploadQueue(of: peer).withSlot(id) { try await send(transfer, file, from: peer) }
        }
    }

    /// Requests a file and returns it if the peer accepts the request.
    private func request(_ transfer: FakeTransfer, at peer: SlskdPeer) async throws -> SlskdSharedFile {
        let file = peer.file(transfer.filename)
        try await pause(timing.requesting)
        switch peer.behaviour(for: file) {
        case .neverResponds:
            try await pause(timing.responding)
            throw SlskdFailure.timedOut("The wait timed out after \(timing.responding.milliseconds) milliseconds")
        case .rejects(let reason): throw SlskdFailure.rejected(reason)
        default: break
        }
        guard let file, !file.isLocked else { throw SlskdFailure.rejected("File not shared.") }
        return file
    }

    /// Waits in the peer's queue; without end if the peer never starts.
    private func queue(_ transfer: FakeTransfer, _ file: SlskdSharedFile, at peer: SlskdPeer) async throws {
        if case .neverStarts = peer.behaviour(for: file) {
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
        defer { fixture.withLock { $0.strangers[transfer.id] = nil } }
        for ahead in stride(from: peer.queueLength, to: 0, by: -1) {
            fixture.withLock { $0.strangers[transfer.id] = ahead }
            try await pause(peer.queueStep)
        }
    }

    /// Returns a peer that is online.
    /// - Throws: ``SlskdFailure`` if the fake is not logged in or the peer is offline.
    func reachable(_ username: String) throws -> SlskdPeer {
        try fixture.withLock { fixture in
            guard fixture.connection == .loggedIn else { throw SlskdFailure.notLoggedIn }
            guard fixture.isOnline(username), let peer = fixture.peer(username) else {
                throw SlskdFailure.offline(username)
            }
            return peer
        }
    }

    /// Changes a record while the fake runs, and resumes the callers that wait for the change.
    @discardableResult
    func change(_ id: String, _ change: (inout FakeTransfer) -> Void) -> FakeTransfer? {
        let (transfer, waiters) = fixture.withLock { fixture -> (FakeTransfer?, [SlskdFixture.Waiter]) in
            guard fixture.isRunning, var transfer = fixture.records[id] else { return (nil, []) }
            change(&transfer)
            fixture.records[id] = transfer
            return (transfer, fixture.removeWaiters(for: transfer))
        }
        for waiter in waiters { waiter.continuation.resume() }
        return transfer
    }
}
