import Foundation
import Synchronization

/// The crash that `HDM_CRASH_POINT` asks for; see ``CrashPoint``.
final class ArmedCrash: Sendable {
    /// Which pass of a point kills the process.
    enum Occasion: Equatable {
        /// The pass with this number, from 1.
        case number(Int)
        /// Each pass, with this probability.
        case probability(Double)
    }

    /// `nil` for every point.
    let point: CrashPoint?
    let occasion: Occasion
    private let passes = Atomic(0)

    init(_ point: CrashPoint?, _ occasion: Occasion) {
        self.point = point
        self.occasion = occasion
    }

    /// Reads a value of `HDM_CRASH_POINT`; `nil` if it is malformed or names no point.
    convenience init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, let occasion = Self.occasion(parts.count == 2 ? String(parts[1]) : "1") else {
            return nil
        }
        if name == Self.anyPoint {
            self.init(nil, occasion)
        } else {
            guard let point = CrashPoint(rawValue: String(name)) else { return nil }
            self.init(point, occasion)
        }
    }

    /// Reads the setting. A malformed value ends the process, because the test that gave it would wait in vain.
    static func fromEnvironment() -> ArmedCrash? {
        guard let text = ProcessInfo.processInfo.environment[setting], !text.isEmpty else { return nil }
        if let crash = ArmedCrash(text) { return crash }
        let names = (CrashPoint.allCases.map(\.rawValue) + [anyPoint]).joined(separator: ", ")
        let problem = "\(setting) is '\(text)': give NAME, NAME:NUMBER or NAME:PERCENT%, with a name of: \(names)\n"
        FileHandle.standardError.write(Data(problem.utf8))
        exit(ExitStatus.configuration)
    }

    func pass(_ point: CrashPoint) {
        if strikes(point) { die() }
    }

    /// Counts a pass.
    /// - Returns: Whether this pass kills the process.
    func strikes(_ passed: CrashPoint) -> Bool {
        guard point == nil || point == passed else { return false }
        switch occasion {
        case .number(let number): return passes.add(1, ordering: .relaxed).newValue == number
        case .probability(let probability): return Double.random(in: 0..<1) < probability
        }
    }

    /// No code of the process runs after the call, as with a power cut.
    private func die() -> Never {
        kill(getpid(), SIGKILL)
        while true { pause() }
    }

    private static func occasion(_ text: String) -> Occasion? {
        if text.hasSuffix("%") {
            guard let percent = Double(text.dropLast()), (0...100).contains(percent) else { return nil }
            return .probability(percent / 100)
        }
        guard let number = Int(text), number > 0 else { return nil }
        return .number(number)
    }

    private static let setting = "HDM_CRASH_POINT"
    private static let anyPoint = "any"
}
