extension FakeSlskd {
    /// The requests so far.
    public var log: FakeRequestLog { fixture.withLock { $0.log } }

    /// All transfers in the order of their requests, including removed ones.
    public var transfers: [FakeTransfer] { fixture.withLock { $0.records.inOrder } }

    /// The number of transfers that receive bytes.
    public var running: Int { fixture.withLock { $0.records.running } }

    /// The searches that no client has deleted.
    public var openSearches: [FakeSearch] { fixture.withLock { $0.records.searches } }

    /// Returns the number of requests for a file, from all peers or from one peer.
    public func enqueues(of filename: String, from peer: String? = nil) -> Int {
        log.enqueued.count { $0.filename == filename && (peer == nil || $0.username == peer) }
    }

    /// The files that were requested more than once from the same peer.
    public var enqueuedTwice: [String] {
        let enqueued = log.enqueued.map { "\($0.username): \($0.filename)" }
        return Dictionary(grouping: enqueued) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
    }

    /// Adds a fault. The oldest fault that matches a request is applied.
    ///
    /// - Parameters:
    ///   - routes: The affected routes; empty for all.
    ///   - times: The number of affected requests; `nil` for all until ``clearFaults()``.
    public func inject(_ fault: FakeFault, on routes: Set<FakeRoute> = [], times: Int? = nil) {
        fixture.withLock { $0.faults.append(FakeFaultRule(fault: fault, routes: routes, times: times)) }
    }

    public func clearFaults() { fixture.withLock { $0.faults = [] } }

    /// Sets the fault for the moves of finished files; `nil` for none.
    public func setMoveFault(_ fault: FakeMoveFault?) { fixture.withLock { $0.moveFault = fault } }

    /// Adds a peer, or replaces the peer with the same name. A peer that disappeared is online again.
    public func setPeer(_ peer: SlskdPeer) {
        fixture.withLock { fixture in
            fixture.peers.removeAll { $0.name == peer.name }
            fixture.peers.append(peer)
            fixture.gone.remove(peer.name)
            fixture.failures[peer.name] = nil
        }
    }

    /// Changes a peer. Running transfers continue with the old values.
    public func changePeer(_ name: String, _ change: (inout SlskdPeer) -> Void) {
        fixture.withLock { fixture in
            guard let index = fixture.peers.firstIndex(where: { $0.name == name }) else { return }
            change(&fixture.peers[index])
            fixture.gone.remove(name)
        }
    }
}
