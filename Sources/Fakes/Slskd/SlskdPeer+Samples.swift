extension SlskdPeer {
    /// Returns peers that share the same files: three reliable ones with different speeds, and optionally misbehaving
    /// ones that announce a higher speed.
    public static func samples(sharing files: [SlskdSharedFile], misbehaving: Bool = false) -> [SlskdPeer] {
        let reliable = [
            peer("quiet_listener", files, speed: 400_000),
            peer("vinyl.ripper", files, speed: 1_500_000),
            peer("night owl", files, speed: 800_000, queue: 2),
        ]
        guard misbehaving else { return reliable }
        let others: [(String, SlskdPeerBehaviour)] = [
            ("gone_fishing", .offline), ("behind/the/wall", .unreachable), ("long_queue", .neverStarts(place: 731)),
            ("slow_line", .stalls(afterBytes: 4096)), ("banned_you", .rejects("Banned")),
            ("scratched", .corrupts), ("left_early", .disappears(afterBytes: 4096)), ("clumsy", .failsFirst(2)),
        ]
        return reliable + others.map { peer($0, files, speed: 5_000_000, behaviour: $1) }
    }

    private static func peer(
        _ name: String, _ files: [SlskdSharedFile], speed: Int64, queue: Int = 0,
        behaviour: SlskdPeerBehaviour = .good
    ) -> SlskdPeer {
        var peer = SlskdPeer(name, files: files, behaviour: behaviour)
        peer.speed = speed
        peer.queueLength = queue
        return peer
    }
}
