extension FakeSlskd {
    /// What was asked so far.
    public var log: FakeRequestLog { fixture.withLock { $0.log } }

    /// All transfers in the order of their requests, removed ones too.
    public var transfers: [FakeTransfer] { fixture.withLock { $0.records.inOrder } }

    /// How many transfers receive bytes.
    public var running: Int { fixture.withLock { $0.records.running } }

    /// Searches that nobody has deleted.
    public var openSearches: [FakeSearch] { fixture.withLock { $0.records.searches } }

    /// How often clients asked for a file, from anyone or from one peer.
    public func enqueues(of filename: String, from peer: String? = nil) -> Int {
        log.enqueued.count { $0.filename == filename && (peer == nil || $0.username == peer) }
    }

    /// Files that were asked of the same peer more than once.
    public var enqueuedTwice: [String] {
        let asked = log.enqueued.map { "\($0.username): \($0.filename)" }
        return Dictionary(grouping: asked) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
    }

    /// Adds a fault; the oldest that fits a request is taken.
    ///
    /// - Parameters:
    ///   - routes: none means all.
    ///   - times: how many requests it meets; `nil` means until ``clearFaults()``.
    public func inject(_ fault: FakeFault, on routes: Set<FakeRoute> = [], times: Int? = nil) {
        fixture.withLock { $0.faults.append(FakeFaultRule(fault: fault, routes: routes, times: times)) }
    }

    public func clearFaults() { fixture.withLock { $0.faults = [] } }

    /// What happens to finished files from now on.
    public func setMoveFault(_ fault: FakeMoveFault?) { fixture.withLock { $0.moveFault = fault } }

    /// Adds a peer, or replaces the one of that name; one that had disappeared is back.
    public func setPeer(_ peer: SlskdPeer) {
        fixture.withLock { fixture in
            fixture.peers.removeAll { $0.name == peer.name }
            fixture.peers.append(peer)
            fixture.gone.remove(peer.name)
            fixture.failures[peer.name] = nil
        }
    }

    /// Changes a peer while it works; transfers that run go on as they began.
    public func changePeer(_ name: String, _ change: (inout SlskdPeer) -> Void) {
        fixture.withLock { fixture in
            guard let index = fixture.peers.firstIndex(where: { $0.name == name }) else { return }
            change(&fixture.peers[index])
            fixture.gone.remove(name)
        }
    }
}
