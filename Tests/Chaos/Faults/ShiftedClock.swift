import Foundation

/// A clock of a process that is ahead or behind, by libfaketime. Durations are measured correctly.
enum ShiftedClock {
    /// The library is not installed.
    struct Missing: Error, CustomStringConvertible {
        var description: String { "clock faults need libfaketime; install it with: apt-get install libfaketime" }
    }

    /// Returns the environment of a process with a shifted clock.
    static func environment(seconds: Int) throws -> [String: String] {
        let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"]
        let library = folders.map { $0 + "/faketime/libfaketime.so.1" }.first(where: FileManager.default.fileExists)
        guard let library else { throw Missing() }
        return [
            "LD_PRELOAD": library, "FAKETIME": seconds < 0 ? "\(seconds)" : "+\(seconds)",
            "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            // While libfaketime makes its shared memory, a Swift program gets no arguments. Alone, it needs none.
            "FAKETIME_SHARED": "/none /none",
        ]
    }
}
