import Foundation

extension FakeSlskd {
    /// Starts the transmission of a file, with the behaviour of the peer.
    func send(_ transfer: FakeTransfer, _ file: SlskdSharedFile, from peer: SlskdPeer) async throws {
        _ = try reachable(peer.name)
        change(transfer.id) { $0.state = .initializing }
        try await pause(timing.initializing)
        let behaviour = peer.behaviour(for: file)
        if case .failsFirst(let times) = behaviour, fails(peer.name, times) {
            throw SlskdFailure.errored("Download reported as failed by remote client")
        }
        var content = file.content
        if case .sendsOther(let other) = behaviour { content = other }
        let size = try await disk.onThread { [content] in try content.size() }
        var actual = size
        if case .hasOtherSize(let other) = behaviour { actual = other }
        guard transfer.size == actual else {
            throw SlskdFailure(
                state: .aborted,
                message: "Transfer aborted: the remote size of \(actual) does not match expected size \(transfer.size)")
        }
        let delivery = SlskdDelivery(transfer: transfer, peer: peer, behaviour: behaviour, content: content)
        try await receive(delivery)
    }

    private func fails(_ peer: String, _ times: Int) -> Bool {
        fixture.withLock { fixture in
            let failures = fixture.failures[peer, default: 0]
            guard failures < times else { return false }
            fixture.failures[peer] = failures + 1
            return true
        }
    }
}
