import Contracts
import Foundation

/// A table (RFC 4180) with commas, semicolons or tabs.
///
/// The first row may name the columns, as the exports of music services do. Without names, the columns are artist, title
/// and album; a single column has one entry per row in the form of ``TextList``.
struct CSVList: Sendable {
    private enum Column: Sendable {
        case artist, title, album, isrc, milliseconds, seconds, link, track, disc, date
    }

    /// The names of columns in common exports, in lower case.
    private static let names: [String: Column] = [
        "artist": .artist, "artist name": .artist, "artist name(s)": .artist, "artists": .artist,
        "title": .title, "track": .title, "track name": .title, "name": .title, "song": .title,
        "album": .album, "album name": .album, "isrc": .isrc, "duration_ms": .milliseconds,
        "duration (ms)": .milliseconds, "track duration (ms)": .milliseconds, "duration": .seconds,
        "duration_seconds": .seconds, "link": .link, "url": .link, "track uri": .link, "spotify uri": .link,
        "uri": .link, "track number": .track, "disc number": .disc, "release date": .date, "album release date": .date,
        "year": .date,
    ]

    let entries: [ImportList.Entry]

    init(_ text: String) {
        var rows = CSVRows(text).rows
        let columns = rows.first.map { $0.cells.map { Self.names[$0.lowercased()] } } ?? []
        let isNamed =
            columns.contains { $0 == .title } && columns.contains { $0 == .artist }
            || columns.contains { $0 == .link }
        if isNamed { rows.removeFirst() }
        entries = rows.map { row in
            let item = isNamed ? Self.item(row.cells, columns) : Self.unnamed(row.cells)
            return .init(line: row.line, text: row.cells.joined(separator: ", "), item: item)
        }
    }

    private static func item(_ cells: [String], _ columns: [Column?]) -> SubmissionItem? {
        var values: [Column: String] = [:]
        for (cell, column) in zip(cells, columns) {
            if let column, values[column] == nil, !cell.isEmpty { values[column] = cell }
        }
        guard let artist = values[.artist], let title = values[.title], artist.isUsable, title.isUsable else {
            return values[.link].map(SubmissionItem.init(link:))
        }
        var track = Track(artist: artist, title: title, album: values[.album])
        track.isrc = values[.isrc]
        track.durationMS = duration(values)
        track.trackNumber = values[.track].flatMap(Int.init).flatMap { (1...9999).contains($0) ? $0 : nil }
        track.discNumber = values[.disc].flatMap(Int.init).flatMap { (1...9999).contains($0) ? $0 : nil }
        track.releaseDate = values[.date].flatMap { $0.wholeMatch(of: /\d{4}(-\d\d(-\d\d)?)?/) == nil ? nil : $0 }
        return SubmissionItem(track: track)
    }

    private static func duration(_ values: [Column: String]) -> Int? {
        let milliseconds = values[.milliseconds].flatMap(Int.init) ?? values[.seconds].flatMap(seconds)
        return milliseconds.flatMap { (1...86_400_000).contains($0) ? $0 : nil }
    }

    /// `mm:ss`, or a number of seconds.
    private static func seconds(_ text: String) -> Int? {
        if let match = text.wholeMatch(of: /(\d{1,3}):([0-5]\d)/), let minutes = Int(match.1), let rest = Int(match.2) {
            return (minutes * 60 + rest) * 1000
        }
        return Double(text).flatMap { (0...86_400).contains($0) ? Int(($0 * 1000).rounded()) : nil }
    }

    private static func unnamed(_ cells: [String]) -> SubmissionItem? {
        guard cells.count > 1 else { return cells.first.flatMap(TextList.item) }
        guard cells[0].isUsable, cells[1].isUsable else { return nil }
        let album = cells.count > 2 && !cells[2].isEmpty ? cells[2] : nil
        return SubmissionItem(track: Track(artist: cells[0], title: cells[1], album: album))
    }
}

/// The rows of a table, with trimmed cells and without empty rows.
private struct CSVRows {
    struct Row {
        var line: Int
        var cells: [String]
    }

    private(set) var rows: [Row] = []
    private var cells: [String] = []
    private var cell = ""
    private var isQuoted = false
    private var line = 1
    private var start = 1

    init(_ text: String) {
        let head = text.prefix { !$0.isNewline }
        let separator = [",", ";", "\t"].max { head.count(of: $0) < head.count(of: $1) } ?? ","
        var characters = text.makeIterator()
        var pending: Character?
        while let character = pending ?? characters.next() {
            pending = nil
            if character.isNewline { line += 1 }
            switch character {
            case "\"" where isQuoted:
                // Two quotes stand for one; a single quote ends the quoted part.
                let next = characters.next()
                if next == "\"" { cell.append("\"") } else { (isQuoted, pending) = (false, next) }
            case "\"" where cell.isEmpty: isQuoted = true
            case separator where !isQuoted: endCell()
            case _ where character.isNewline && !isQuoted: endRow()
            default: cell.append(character)
            }
        }
        endRow()
    }

    private mutating func endCell() {
        cells.append(cell.trimmingCharacters(in: .whitespaces))
        cell = ""
    }

    private mutating func endRow() {
        endCell()
        if cells.contains(where: { !$0.isEmpty }) { rows.append(Row(line: start, cells: cells)) }
        cells = []
        start = line
    }
}

extension Substring {
    fileprivate func count(of character: Character) -> Int { count { $0 == character } }
}
