public import Foundation

/// The progress of the index of a folder source.
public struct FolderIndexStatus: Sendable, Equatable {
    public var isScanning = false
    /// Audio files that the running scan, or else the last scan, has found.
    public var filesSeen = 0
    /// Found files that were new or changed, and so were read.
    public var filesRead = 0
    /// Files in the index after the last complete scan.
    public var filesIndexed = 0
    /// Folders and files that could not be read.
    public var problemCount = 0
    /// The first of these, with the reason.
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
