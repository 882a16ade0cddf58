extension SlskdPeer {
    /// A few people who share the same files: honest ones, of different speed, and on request as many with better
    /// promises who do not keep them.
    public static func crowd(sharing files: [SlskdSharedFile], misbehaving: Bool = false) -> [SlskdPeer] {
        let honest = [
            person("quiet_listener", files, speed: 400_000),
            person("vinyl.ripper", files, speed: 1_500_000),
            person("night owl", files, speed: 800_000, queue: 2),
        ]
        guard misbehaving else { return honest }
        let others: [(String, SlskdPeerBehaviour)] = [
            ("gone_fishing", .offline), ("behind/the/wall", .unreachable), ("long_queue", .neverStarts(place: 731)),
            ("slow_line", .stalls(afterBytes: 4096)), ("banned_you", .rejects("Banned")),
            ("scratched", .corrupts), ("left_early", .disappears(afterBytes: 4096)), ("clumsy", .failsFirst(2)),
        ]
        return honest + others.map { person($0, files, speed: 5_000_000, behaviour: $1) }
    }

    private static func person(
        _ name: String, _ files: [SlskdSharedFile], speed: Int64, queue: Int = 0,
        behaviour: SlskdPeerBehaviour = .good
    ) -> SlskdPeer {
        var peer = SlskdPeer(name, files: files, behaviour: behaviour)
        peer.speed = speed
        peer.queueLength = queue
        return peer
    }
}
