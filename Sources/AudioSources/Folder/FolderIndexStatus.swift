public import Foundation

/// How far the index of a folder source has come.
public struct FolderIndexStatus: Sendable, Equatable {
    public var isScanning = false
    /// Audio files that the running scan has come across, or the last one did.
    public var filesSeen = 0
    /// How many of them were new or had changed, and so were read.
    public var filesRead = 0
    /// All files in the index, after the last scan that reached its end.
    public var filesIndexed = 0
    /// Folders and files that could not be looked at or read.
    public var problemCount = 0
    /// The first of them, with the reason, for a person.
    public var problems: [String] = []
    /// When the last scan ended in this process.
    public var lastScanEnd: Date?
    public var lastScanDuration: Duration?

    static let mostProblemsKept = 10

    mutating func add(_ problem: FolderWalk.Problem) {
        problemCount += 1
        if problems.count < Self.mostProblemsKept { problems.append("\(problem.path): \(problem.reason)") }
    }
}
