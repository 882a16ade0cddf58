/// The channels in use, beside the two that every connection has.
struct ChannelNumbers {
    private var generations: [UInt16: UInt64] = [:]
    private var generation: UInt64 = 0

    /// Takes a free number.
    mutating func open() -> OpenChannel {
        let number = (3...UInt16.max).first { generations[$0] == nil } ?? .max
        generation += 1
        generations[number] = generation
        return OpenChannel(number: number, generation: generation)
    }

    mutating func close(_ number: UInt16) { generations[number] = nil }

    mutating func forgetAll() { generations = [:] }

    func isOpen(_ number: UInt16, _ generation: UInt64) -> Bool { generations[number] == generation }
}
